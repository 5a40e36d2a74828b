//! The smallest usual program of each language; `NUMBER` stands for what makes each one new.

/// What a program prints before its number.
pub(crate) const GREETING: &str = "hello, world";

/// A program that prints the greeting and its number.
pub(crate) struct HelloWorld {
    /// The language's id.
    pub(crate) language: &'static str,
    /// What is special about it, if anything is.
    pub(crate) variant: Option<&'static str>,
    pub(crate) file: &'static str,
    text: &'static str,
}

impl HelloWorld {
    /// The program of this number.
    pub(crate) fn source(&self, number: u32) -> String {
        self.text.replace("NUMBER", &number.to_string())
    }
}

const fn usual(language: &'static str, file: &'static str, text: &'static str) -> HelloWorld {
    HelloWorld {
        language,
        variant: None,
        file,
        text,
    }
}

pub(crate) const HELLO_WORLDS: [HelloWorld; 19] = [
    usual(
        "c",
        "hello.c",
        "#include <stdio.h>\n\nint main(void) {\n    printf(\"hello, world %d\\n\", NUMBER);\n}\n",
    ),
    usual(
        "cpp",
        "hello.cpp",
        "#include <iostream>\n\nint main() {\n    std::cout << \"hello, world \" << NUMBER << '\\n';\n}\n",
    ),
    HelloWorld {
        variant: Some("bits/stdc++.h"),
        ..usual(
            "cpp",
            "hello.cpp",
            "#include <bits/stdc++.h>\n\nint main() {\n    std::cout << \"hello, world \" << NUMBER << '\\n';\n}\n",
        )
    },
    usual(
        "csharp",
        "hello.cs",
        "using System;\n\nclass Hello {\n    static void Main() {\n        Console.WriteLine(\"hello, world \" + NUMBER);\n    }\n}\n",
    ),
    usual(
        "go",
        "hello.go",
        "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(\"hello, world\", NUMBER)\n}\n",
    ),
    usual(
        "haskell",
        "Main.hs",
        "main :: IO ()\nmain = putStrLn (\"hello, world \" ++ show (NUMBER :: Int))\n",
    ),
    usual(
        "java",
        "Main.java",
        "public class Main {\n    public static void main(String[] args) {\n        System.out.println(\"hello, world \" + NUMBER);\n    }\n}\n",
    ),
    usual(
        "javascript",
        "main.js",
        "console.log(\"hello, world\", NUMBER);\n",
    ),
    usual(
        "kotlin",
        "main.kt",
        "fun main() {\n    println(\"hello, world ${NUMBER}\")\n}\n",
    ),
    usual("lua", "main.lua", "print(\"hello, world \" .. NUMBER)\n"),
    usual(
        "ocaml",
        "hello.ml",
        "let () = Printf.printf \"hello, world %d\\n\" NUMBER\n",
    ),
    usual(
        "pascal",
        "main.pas",
        "program hello;\nbegin\n  writeln('hello, world ', NUMBER);\nend.\n",
    ),
    usual("perl", "main.pl", "print \"hello, world NUMBER\\n\";\n"),
    usual(
        "php",
        "main.php",
        "<?php\necho \"hello, world \", NUMBER, \"\\n\";\n",
    ),
    usual("pypy3", "main.py", "print(\"hello, world\", NUMBER)\n"),
    usual("python3", "main.py", "print(\"hello, world\", NUMBER)\n"),
    usual("ruby", "main.rb", "puts \"hello, world #{NUMBER}\"\n"),
    usual(
        "rust",
        "main.rs",
        "fn main() {\n    println!(\"hello, world {}\", NUMBER);\n}\n",
    ),
    usual(
        "typescript",
        "main.ts",
        "const answer: number = NUMBER;\nconsole.log(\"hello, world\", answer);\n",
    ),
];
