namespace Raktar.Testing;

/// <summary>Where a hostile text goes.</summary>
public enum HostileField
{
    /// <summary>The README, as Markdown.</summary>
    Readme,

    /// <summary><c>description</c> in Cargo.toml.</summary>
    Description,

    /// <summary><c>homepage</c>, <c>repository</c> and <c>documentation</c> in Cargo.toml.</summary>
    Url,

    /// <summary>A keyword and a category in Cargo.toml.</summary>
    Keyword,

    /// <summary><c>license</c> in Cargo.toml.</summary>
    License,

    /// <summary>A feature's name, and what it enables.</summary>
    Feature,

    /// <summary>The target of a dependency.</summary>
    Target,

    /// <summary>The reason of a yank.</summary>
    YankReason,

    /// <summary>The name of a file in the crate.</summary>
    FileName,

    /// <summary>The text of a file in the crate.</summary>
    FileText,

    /// <summary>A crate's name, in an address and in a search.</summary>
    Name,
}

/// <summary>A text that somebody would publish to have it run in a reader's browser, or to look like the page around it.</summary>
public sealed record HostileText(string Title, HostileField Field, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Title}";
}

/// <summary>Hostile texts for every field that pages show. Where one of them would run, it calls <c>alert</c> or sets <c>pwned</c> on the window.</summary>
public static class HostileTexts
{
    private const string Script = "<script>alert(1);window.pwned=1</script>";
    private const string Image = "<img src=x onerror=\"window.pwned=1;alert(1)\">";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HostileText> All { get; } =
    [
        new("a script", HostileField.Readme, Script),
        new("a script in a paragraph", HostileField.Readme, $"Before {Script} after"),
        new("a script in capitals", HostileField.Readme, "<SCRIPT SRC=//evil.example/x.js></SCRIPT>"),
        new("a script cut in two", HostileField.Readme, "<scr<script>ipt>alert(1)</scr</script>ipt>"),
        new("a script that is not closed", HostileField.Readme, "<script>alert(1)//"),
        new("a script with a slash", HostileField.Readme, "<script/x>alert(1)</script>"),
        new("a script behind a comment", HostileField.Readme, $"<!-- -->{Script}<!-- -->"),
        new("a comment that is closed early", HostileField.Readme, $"<!--> {Image} -->"),
        new("a comment closed by a bang", HostileField.Readme, $"<!-- --!> {Image} -->"),
        new("an inline comment", HostileField.Readme, $"text <!-- {Script} --> text <!--{Image}"),
        new("an image that fails", HostileField.Readme, Image),
        new("an image that fails in a paragraph", HostileField.Readme, $"Look: {Image}"),
        new("an image in entities", HostileField.Readme, "&lt;img src=x onerror=alert(1)&gt; &#60;script&#62;alert(1)&#60;/script&#62;"),
        new("a drawing", HostileField.Readme, "<svg onload=alert(1)><script>alert(1)</script></svg>"),
        new("a formula", HostileField.Readme, "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>"),
        new("a frame", HostileField.Readme, "<iframe src=\"javascript:alert(1)\" srcdoc=\"<script>alert(1)</script>\"></iframe>"),
        new("a plug-in", HostileField.Readme, "<object data=\"data:text/html,<script>alert(1)</script>\"></object><embed src=//evil.example/x.swf>"),
        new("a form", HostileField.Readme, "<form action=https://evil.example><input name=token autofocus onfocus=alert(1)><button>Sign in</button></form>"),
        new("a style", HostileField.Readme, "<style>body{display:none}</style><p style=\"position:fixed;inset:0\">x</p>"),
        new("another base", HostileField.Readme, "<base href=https://evil.example/><a href=me>me</a>"),
        new("a redirection", HostileField.Readme, "<meta http-equiv=refresh content=\"0;url=https://evil.example/\">"),
        new("another stylesheet", HostileField.Readme, "<link rel=stylesheet href=//evil.example/x.css>"),
        new("the end of the page", HostileField.Readme, $"</article></main></body></html>{Script}"),
        new("a template", HostileField.Readme, "<template><script>alert(1)</script></template><noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">"),
        new("an xmp", HostileField.Readme, "<xmp></xmp><img src=x onerror=alert(1)></xmp>"),
        new("a marquee", HostileField.Readme, "<marquee onstart=alert(1)>x</marquee><details open ontoggle=alert(1)>x</details>"),
        new("a link to a script", HostileField.Readme, "[click](javascript:alert(1))"),
        new("a link to a script in capitals", HostileField.Readme, "[click](JaVaScRiPt:alert(1))"),
        new("a link to a script in entities", HostileField.Readme, "[click](&#106;avascript&#58;alert(1)) [click](javascript&colon;alert(1))"),
        new("a link to a script with a tab", HostileField.Readme, "[click](<java\tscript:alert(1)>) [click](java&Tab;script:alert(1)) [click](java&NewLine;script:alert(1))"),
        new("a link to a script behind a control character", HostileField.Readme, "[click](\u0001javascript:alert(1)) [click](<\u00a0javascript:alert(1)>)"),
        new("a link to a script, encoded", HostileField.Readme, "[click](javascript%3Aalert(1)) [click](%6aavascript:alert(1))"),
        new("a link to a script by reference", HostileField.Readme, "[click][x]\n\n[x]: javascript:alert(1) \"title\""),
        new("a link to a script in angle brackets", HostileField.Readme, "<javascript:alert(1)> <vbscript:msgbox(1)>"),
        new("a link to data", HostileField.Readme, "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==) <data:text/html,x>"),
        new("a link to a blob or a file", HostileField.Readme, "[a](blob:https://x/y) [b](file:///etc/passwd) [c](vbscript:x) [d](view-source:x) [e](intent://x) [f](feed:javascript:alert(1))"),
        new("a link to another host without a scheme", HostileField.Readme, "[click](//evil.example/x) [click](\\\\evil.example) [click](/\\evil.example) [click](https:evil.example)"),
        new("a link out of its attribute", HostileField.Readme, "[click](https://x.example/\"onmouseover=\"alert(1)) [click](<https://x.example/\" onclick=\"alert(1)>) [a](https://x.example/'><script>alert(1)</script>)"),
        new("a title out of its attribute", HostileField.Readme, "[click](https://x.example/ \"\\\" onmouseover=\\\"alert(1)\") ![x](https://x.example/i.png '\" onerror=\"alert(1)')"),
        new("an image out of its attribute", HostileField.Readme, "![x\" onerror=\"alert(1)](https://x.example/i.png) ![\"><script>alert(1)</script>](https://x.example/i.png)"),
        new("an image of a script", HostileField.Readme, "![x](javascript:alert(1)) ![x](data:image/svg+xml,<svg/onload=alert(1)>) ![x](//evil.example/i.png)"),
        new("an image in a link", HostileField.Readme, "[![x](https://x.example/i.png \"t\")](javascript:alert(1)) [![x](javascript:alert(1))](https://x.example)"),
        new("links in links", HostileField.Readme, "[a [b](javascript:alert(1)) c](https://x.example) [https://y.example](https://x.example) [<https://y.example>](https://x.example)"),
        new("a bare address", HostileField.Readme, "https://x.example/\"onmouseover=alert(1) http://x.example/<script>alert(1)</script> www.x.example/\"><img/src=x> mailto:a@x.example?body=\"><script>"),
        new("a mail address", HostileField.Readme, "<a\"onclick=\"alert(1)@x.example> <a@x.example> [m](mailto:a@x.example\"onclick=alert(1))"),
        new("a heading that is taken", HostileField.Readme, "# main\n\n## results\n\n# __proto__\n\n# \"><script>alert(1)</script>\n\n# x\" onclick=\"alert(1)"),
        new("a heading with a link", HostileField.Readme, "# [x](javascript:alert(1)) <a name=main id=main href=javascript:alert(1)>"),
        new("attributes", HostileField.Readme, "# x {#main .notice onclick=alert(1)}\n\n[x](https://x.example){onclick=alert(1) style=\"position:fixed\"}"),
        new("a code block's language", HostileField.Readme, "```\"><script>alert(1)</script>\nx\n```\n\n~~~js onclick=alert(1)\n</code></pre><script>alert(1)</script>\n~~~"),
        new("code", HostileField.Readme, "`</code><script>alert(1)</script>`\n\n    </pre><img src=x onerror=alert(1)>"),
        new("a table", HostileField.Readme, "| a\" onclick=\"alert(1) | <script>alert(1)</script> |\n|:--:|---:|\n| [x](javascript:alert(1)) | <img src=x onerror=alert(1)> |"),
        new("a list and a quotation", HostileField.Readme, "> <script>alert(1)</script>\n\n1. <img src=x onerror=alert(1)>\n2. [x](javascript:alert(1))\n\n- <svg/onload=alert(1)>"),
        new("a declaration", HostileField.Readme, "<!DOCTYPE x [<!ENTITY y \"<script>alert(1)</script>\">]>\n\n<?php echo 1 ?>\n\n<![CDATA[<script>alert(1)</script>]]>"),
        new("an entity without end", HostileField.Readme, "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e; &lt&lt; &quot onclick=alert(1) &#0; &#x110000;"),
        new("nulls", HostileField.Readme, "<scr\0ipt>alert(1)</scr\0ipt> [x](java\0script:alert(1))"),
        new("text from the right", HostileField.Readme, "\u202e<script>alert(1)</script>\u2066 [\u202egnihtemos](javascript:alert(1))"),
        new("links to the pages around it", HostileField.Readme, "[x](../../../../me) [x](/me) [x](/admin) [x](?x=1) [x](#main) [x](#) [x](files/../../..) [x](src/lib.rs?a=b#\"onclick=alert(1))"),
        new("quotations that nest", HostileField.Readme, new string('>', 2000) + Script),
        new("lists that nest", HostileField.Readme, string.Concat(Enumerable.Repeat("- ", 2000)) + Script),
        new("brackets that nest", HostileField.Readme, new string('[', 5000) + Script + new string(']', 5000)),
        new("a script", HostileField.Description, Script),
        new("out of an attribute", HostileField.Description, "\" onmouseover=\"alert(1)\" x=\"' onfocus='alert(1)' autofocus='"),
        new("an image", HostileField.Description, Image),
        new("the end of the page", HostileField.Description, "</p></main></title></textarea><script>alert(1)</script>"),
        new("a link in Markdown", HostileField.Description, "[click](javascript:alert(1)) &lt;script&gt;alert(1)&lt;/script&gt;"),
        new("a code for a template", HostileField.Description, "@(1+1) {{constructor.constructor('alert(1)')()}} ${alert(1)} <%= 1 %>"),
        new("text from the right", HostileField.Description, "\u202e\u2066<script>alert(1)</script>"),
        new("a script", HostileField.Url, "javascript:alert(1)"),
        new("a script that looks like https", HostileField.Url, "javascript://https://x.example/%0aalert(1)"),
        new("data", HostileField.Url, "data:text/html,<script>alert(1)</script>"),
        new("out of its attribute", HostileField.Url, "https://x.example/\"onmouseover=\"alert(1)\"><script>alert(1)</script>"),
        new("in quotes", HostileField.Url, "https://x.example/'><img src=x onerror=alert(1)>"),
        new("a host that pretends", HostileField.Url, "https://x.example@evil.example/"),
        new("without a scheme", HostileField.Url, "//evil.example/x"),
        new("a script", HostileField.Keyword, "<script>alert(1)</script>"),
        new("out of its attribute", HostileField.Keyword, "x\" onclick=\"alert(1)"),
        new("a script", HostileField.License, Script),
        new("out of its attribute", HostileField.License, "MIT\" onclick=\"alert(1)"),
        new("a script", HostileField.Feature, Script),
        new("out of its attribute", HostileField.Feature, "x\" onclick=\"alert(1)"),
        new("a script", HostileField.Target, "cfg(target_os = \"<script>alert(1)</script>\")"),
        new("an image", HostileField.Target, "<img src=x onerror=alert(1)>"),
        new("a script", HostileField.YankReason, Script),
        new("an image", HostileField.YankReason, $"{Image}\n{Image}"),
        new("out of an attribute", HostileField.YankReason, "\" onmouseover=\"alert(1)\" '"),
        new("the end of the page", HostileField.YankReason, "</td></table></main><iframe srcdoc=\"<script>alert(1)</script>\">"),
        new("a script", HostileField.FileName, "src/<script>alert(1)</script>.rs"),
        new("in quotes", HostileField.FileName, "src/' onclick='alert(1)' .rs"),
        new("with a question", HostileField.FileName, "src/a&b;#x=1&amp;lt;script&amp;gt;.rs"),
        new("with a percent sign", HostileField.FileName, "src/%3Cscript%3E%2e%2e.rs"),
        new("text from the right", HostileField.FileName, "src/\u202ecod.rs"),
        new("a script", HostileField.FileText, $"{Script}\n</pre></main>{Script}\n"),
        new("an image", HostileField.FileText, $"// {Image}\n"),
        new("a page", HostileField.FileText, "<!DOCTYPE html><html><body onload=alert(1)><base href=//evil.example></html>"),
        new("text from the right", HostileField.FileText, "let a = \"\u202e\u2066// <script>alert(1)</script>\u2069\";\n"),
        new("a script", HostileField.Name, Script),
        new("out of an attribute", HostileField.Name, "x\" onclick=\"alert(1)\" autofocus onfocus=\"alert(1)"),
        new("an image", HostileField.Name, "'><img src=x onerror=alert(1)>"),
        new("the end of the page", HostileField.Name, "</title></textarea><script>alert(1)</script>"),
    ];
}
