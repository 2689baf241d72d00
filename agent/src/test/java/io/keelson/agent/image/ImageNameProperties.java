package io.keelson.agent.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

class ImageNameProperties {
    private static final String HASH = "0123456789abcdef".repeat(4);

    /** Texts that often are names, and are seldom far from one. */
    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(
                        "a",
                        "b1",
                        "A",
                        ".",
                        "_",
                        "__",
                        "-",
                        "--",
                        ":",
                        "/",
                        "@",
                        "localhost",
                        "docker.io",
                        "index.docker.io",
                        "5000",
                        "[fd::1]",
                        "sha256:" + HASH,
                        "sha256:",
                        "é",
                        " ")
                .list()
                .ofMaxSize(9)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 1000)
    void readsWhatTheGrammarAllowsAndNothingElse(@ForAll("texts") String text) {
        Optional<ImageName> expected = Optional.ofNullable(new Reader(text).read());
        Optional<ImageName> found;
        try {
            found = Optional.of(ImageName.parse(text));
        } catch (IllegalArgumentException e) {
            found = Optional.empty();
        }
        assertEquals(expected, found, text);
        found.ifPresent(name -> assertEquals(name, ImageName.parse(name.qualified())));
    }

    /** Reads a name one letter after the other, by the grammar of distribution's references. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        private boolean isOver() {
            return at == text.length();
        }

        private boolean takes(char wanted) {
            if (!isOver() && text.charAt(at) == wanted) {
                at++;
                return true;
            }
            return false;
        }

        private boolean takes(String wanted) {
            boolean isNext = text.startsWith(wanted, at);
            at += isNext ? wanted.length() : 0;
            return isNext;
        }

        private String letters(String allowed) {
            int begin = at;
            while (!isOver() && allowed.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return text.substring(begin, at);
        }

        @Nullable
        ImageName read() {
            String registry = "docker.io";
            int slash = text.indexOf('/');
            if (slash >= 0) {
                String first = text.substring(0, slash);
                boolean isHost = first.equals("localhost")
                        || first.chars().anyMatch(c -> c == '.' || c == ':' || (c >= 'A' && c <= 'Z'));
                if (isHost) {
                    Reader host = new Reader(first);
                    if (first.indexOf('@') >= 0 || !host.isHost()) {
                        return null;
                    }
                    registry = first.equals("index.docker.io") ? registry : first;
                    at = slash + 1;
                }
            }
            StringBuilder path = new StringBuilder();
            do {
                int begin = at;
                if (!isPart()) {
                    return null;
                }
                path.append(path.isEmpty() ? "" : "/").append(text, begin, at);
            } while (takes('/'));
            String tag = "";
            if (takes(':')) {
                tag = letters("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
                if (tag.isEmpty() || tag.startsWith(".") || tag.startsWith("-")) {
                    return null;
                }
            }
            String digest = "";
            if (takes('@')) {
                digest = text.substring(at);
                if (!digest.equals("sha256:" + HASH)) {
                    return null;
                }
                at = text.length();
            }
            if (!isOver()) {
                return null;
            }
            if (registry.equals("docker.io") && path.indexOf("/") < 0) {
                path.insert(0, "library/");
            }
            return new ImageName(registry, path.toString(), tag.isEmpty() && digest.isEmpty() ? "latest" : tag, digest);
        }

        /** Letters and digits, with one separator between each two groups of them. */
        private boolean isPart() {
            while (true) {
                if (letters("abcdefghijklmnopqrstuvwxyz0123456789").isEmpty()) {
                    return false;
                }
                boolean isSeparated =
                        takes('.') || takes("__") || takes('_') || !letters("-").isEmpty();
                if (!isSeparated) {
                    return true;
                }
            }
        }

        private boolean isHost() {
            if (takes('[')) {
                if (letters("0123456789abcdefABCDEF:").isEmpty() || !takes(']')) {
                    return false;
                }
            } else {
                do {
                    String label = letters("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
                    if (label.isEmpty() || label.startsWith("-") || label.endsWith("-")) {
                        return false;
                    }
                } while (takes('.'));
            }
            return (!takes(':') || !letters("0123456789").isEmpty()) && isOver();
        }
    }
}
