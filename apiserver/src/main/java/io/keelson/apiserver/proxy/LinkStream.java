package io.keelson.apiserver.proxy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of HTML with its {@link Links} changed: the attributes that hold URLs, of the elements that have some. All other
 * bytes pass as they are, in any encoding in which tags are ASCII. What is held is one tag, within {@link #TAG_BYTES_MAX};
 * a longer one passes unchanged. Comments, scripts and styles are not looked into.
 */
final class LinkStream extends InputStream {
    static final int TAG_BYTES_MAX = 16 << 10;

    private static final Map<String, Set<String>> ATTRIBUTES = Map.ofEntries(
            Map.entry("a", Set.of("href")),
            Map.entry("applet", Set.of("codebase")),
            Map.entry("area", Set.of("href")),
            Map.entry("audio", Set.of("src")),
            Map.entry("base", Set.of("href")),
            Map.entry("blockquote", Set.of("cite")),
            Map.entry("body", Set.of("background")),
            Map.entry("button", Set.of("formaction")),
            Map.entry("del", Set.of("cite")),
            Map.entry("embed", Set.of("src")),
            Map.entry("form", Set.of("action")),
            Map.entry("frame", Set.of("longdesc", "src")),
            Map.entry("head", Set.of("profile")),
            Map.entry("html", Set.of("manifest")),
            Map.entry("iframe", Set.of("longdesc", "src")),
            Map.entry("img", Set.of("longdesc", "src", "usemap")),
            Map.entry("input", Set.of("src", "usemap", "formaction")),
            Map.entry("ins", Set.of("cite")),
            Map.entry("link", Set.of("href")),
            Map.entry("object", Set.of("classid", "codebase", "data", "usemap")),
            Map.entry("q", Set.of("cite")),
            Map.entry("script", Set.of("src")),
            Map.entry("source", Set.of("src")),
            Map.entry("track", Set.of("src")),
            Map.entry("video", Set.of("poster", "src")));

    private static final String COMMENT = "<!--";
    private static final Set<String> RAW_TEXT = Set.of("script", "style", "textarea", "title");
    private static final Pattern NAME = Pattern.compile("<([A-Za-z][A-Za-z0-9]*)");
    private static final Pattern ATTRIBUTE =
            Pattern.compile("[\\s/\"']([A-Za-z]++)\\s*+=\\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\\s\"'>]++))");

    private final InputStream page;
    private final Links links;
    private byte[] ready = new byte[0];
    private int at;

    /** What ends the text that is not looked into, {@code </script} for example; empty within markup. */
    private String until = "";

    private boolean comment;

    /** At the end of what was read of a comment. */
    private int dashes;

    LinkStream(InputStream page, Links links) {
        this.page = new BufferedInputStream(page, TAG_BYTES_MAX);
        this.links = links;
    }

    @Override
    public int read() throws IOException {
        return advance() ? ready[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (!advance()) {
            return -1;
        }
        int count = Math.min(length, ready.length - at);
        System.arraycopy(ready, at, into, offset, count);
        at += count;
        return count;
    }

    @Override
    public int available() throws IOException {
        return ready.length - at + page.available();
    }

    private boolean advance() throws IOException {
        if (at < ready.length) {
            return true;
        }
        ready = next();
        at = 0;
        return ready.length > 0;
    }

    /** Text up to the next tag, or a tag; nothing at the end. */
    private byte[] next() throws IOException {
        StringBuilder found = new StringBuilder();
        int next = page.read();
        if (next < 0) {
            return new byte[0];
        }
        if (comment) {
            return comment(found, next);
        }
        if (next != '<') {
            return text(found, next);
        }
        char quote = 0;
        boolean raw = !until.isEmpty();
        while (next >= 0) {
            found.append((char) next);
            if (found.length() == COMMENT.length() && !raw && found.toString().equals(COMMENT)) {
                comment = true;
                return bytes(found);
            }
            if (quote != 0) {
                quote = next == quote ? 0 : quote;
            } else if ((next == '"' || next == '\'') && !raw && found.indexOf("=") > 0) {
                quote = (char) next;
            } else if (next == '>') {
                return bytes(tag(found.toString()));
            }
            if (found.length() == 2 && !opens(next)) {
                return bytes(found); // Not the beginning of a tag.
            }
            if (found.length() == TAG_BYTES_MAX) {
                break;
            }
            page.mark(1);
            next = page.read();
            if (next == '<' && raw) {
                page.reset();
                return bytes(found);
            }
        }
        return bytes(found);
    }

    private byte[] comment(StringBuilder found, int first) throws IOException {
        int next = first;
        while (next >= 0) {
            found.append((char) next);
            if (next == '>' && dashes >= 2) {
                comment = false;
                dashes = 0;
                break;
            }
            dashes = next == '-' ? dashes + 1 : 0;
            if (page.available() == 0 || found.length() >= TAG_BYTES_MAX) {
                break;
            }
            next = page.read();
        }
        return bytes(found);
    }

    private static boolean opens(int next) {
        return Character.isLetter(next) || next == '/' || next == '!' || next == '?';
    }

    private byte[] text(StringBuilder found, int first) throws IOException {
        int next = first;
        while (next >= 0) {
            found.append((char) next);
            if (page.available() == 0 || found.length() >= TAG_BYTES_MAX) {
                break; // Whoever waits is not to wait for more than there is.
            }
            page.mark(1);
            next = page.read();
            if (next == '<') {
                page.reset();
                break;
            }
        }
        return bytes(found);
    }

    private String tag(String tag) {
        String lower = tag.toLowerCase(Locale.ROOT);
        if (!until.isEmpty()) {
            if (lower.startsWith(until)) {
                until = "";
            }
            return tag;
        }
        Matcher name = NAME.matcher(tag);
        if (!name.lookingAt()) {
            return tag;
        }
        String element = name.group(1).toLowerCase(Locale.ROOT);
        if (RAW_TEXT.contains(element) && !tag.endsWith("/>")) {
            until = "</" + element;
        }
        Set<String> attributes = ATTRIBUTES.get(element);
        return attributes == null ? tag : changed(tag, attributes);
    }

    private String changed(String tag, Set<String> attributes) {
        Matcher attribute = ATTRIBUTE.matcher(tag);
        StringBuilder changed = new StringBuilder();
        int copied = 0;
        while (attribute.find()) {
            if (attributes.contains(attribute.group(1).toLowerCase(Locale.ROOT))) {
                int group = attribute.group(2) != null ? 2 : attribute.group(3) != null ? 3 : 4;
                changed.append(tag, copied, attribute.start(group))
                        .append(links.rewritten(attribute.group(group).strip()));
                copied = attribute.end(group);
            }
        }
        return changed.append(tag.substring(copied)).toString();
    }

    private static byte[] bytes(CharSequence latin) {
        return latin.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        page.close();
    }
}
