package io.keelson.apiserver.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads request lines and header fields of HTTP/1.1 (RFC 9112), line by line as they come. Strict, because what two
 * servers read differently can be used to smuggle requests past one of them: lines end in CR LF and nothing else, fields
 * are not folded, names are tokens that end at the colon, control characters are refused. For one connection; one thread.
 */
final class RequestHeadParser {
    private static final boolean[] TOKEN = new boolean[128];

    static {
        for (char c = '0'; c <= '9'; c++) {
            TOKEN[c] = true;
        }
        for (char c = 'a'; c <= 'z'; c++) {
            TOKEN[c] = true;
            TOKEN[Character.toUpperCase(c)] = true;
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            TOKEN[c] = true;
        }
    }

    private static final int METHOD_CHARS_MAX = 32;

    private final HttpLimits limits;
    private int scanned;
    private int headBytes;
    private int fields;
    private boolean emptyLineSkipped;
    private String method = "";
    private String target = "";
    private boolean http10;
    private Map<String, List<String>> headers = new LinkedHashMap<>();

    RequestHeadParser(HttpLimits limits) {
        this.limits = limits;
    }

    /** Whether part of a head was read, or is there to be read. */
    boolean begun(ByteBuf in) {
        return headBytes > 0 || in.isReadable();
    }

    /**
     * Takes the lines that are complete.
     *
     * @return the head once its last line was taken; null while there is more to come
     */
    @Nullable
    RequestHead parse(ByteBuf in) throws MalformedRequestException {
        while (true) {
            int newline = in.indexOf(in.readerIndex() + scanned, in.writerIndex(), (byte) '\n');
            if (newline < 0) {
                scanned = in.readableBytes();
                checkSize(scanned);
                return null;
            }
            int lineBytes = newline - in.readerIndex() + 1;
            checkSize(lineBytes);
            scanned = 0;
            headBytes += lineBytes;
            byte[] line = new byte[lineBytes];
            in.readBytes(line);
            if (lineBytes < 2 || line[lineBytes - 2] != '\r') {
                throw MalformedRequestException.badRequest("a line does not end in CR LF");
            }
            int end = lineBytes - 2;
            if (method.isEmpty()) {
                if (end > 0) {
                    requestLine(line, end);
                } else if (emptyLineSkipped) {
                    throw MalformedRequestException.badRequest("no request line");
                } else {
                    emptyLineSkipped = true;
                }
            } else if (end > 0) {
                field(line, end);
            } else {
                return complete();
            }
        }
    }

    private void checkSize(int lineBytes) throws MalformedRequestException {
        if (method.isEmpty() && lineBytes > limits.targetBytesMax() + METHOD_CHARS_MAX + " HTTP/1.1  \r\n".length()) {
            throw new MalformedRequestException(414, "the request line is too long");
        }
        if (headBytes + lineBytes > limits.headerBytesMax()) {
            throw new MalformedRequestException(431, "the header fields are too large");
        }
    }

    private void requestLine(byte[] line, int end) throws MalformedRequestException {
        int methodEnd = 0;
        while (methodEnd < end && line[methodEnd] != ' ') {
            if (!isToken(line[methodEnd]) || methodEnd == METHOD_CHARS_MAX) {
                throw MalformedRequestException.badRequest("the method is no token");
            }
            methodEnd++;
        }
        int targetEnd = methodEnd + 1;
        while (targetEnd < end && line[targetEnd] != ' ') {
            if ((line[targetEnd] >= 0 && line[targetEnd] < ' ') || line[targetEnd] == 0x7f) {
                throw MalformedRequestException.badRequest("the target has a control character");
            }
            targetEnd++;
        }
        if (methodEnd == 0 || targetEnd == methodEnd + 1 || targetEnd >= end) {
            throw MalformedRequestException.badRequest("the request line is malformed");
        }
        String version = new String(line, targetEnd + 1, end - targetEnd - 1, StandardCharsets.ISO_8859_1);
        switch (version) {
            case "HTTP/1.1" -> http10 = false;
            case "HTTP/1.0" -> http10 = true;
            default -> {
                if (version.matches("HTTP/\\d\\.\\d")) {
                    throw new MalformedRequestException(505, "unsupported protocol version");
                }
                throw MalformedRequestException.badRequest("the protocol version is malformed");
            }
        }
        method = new String(line, 0, methodEnd, StandardCharsets.ISO_8859_1);
        target = new String(line, methodEnd + 1, targetEnd - methodEnd - 1, StandardCharsets.UTF_8);
    }

    private void field(byte[] line, int end) throws MalformedRequestException {
        if (line[0] == ' ' || line[0] == '\t') {
            throw MalformedRequestException.badRequest("a header field is folded");
        }
        if (++fields > limits.headerFieldsMax()) {
            throw new MalformedRequestException(431, "too many header fields");
        }
        int colon = 0;
        while (colon < end && line[colon] != ':') {
            if (!isToken(line[colon])) {
                throw MalformedRequestException.badRequest("the name of a header field is no token");
            }
            colon++;
        }
        if (colon == 0 || colon == end) {
            throw MalformedRequestException.badRequest("a header field has no name, or no colon");
        }
        int begin = colon + 1;
        while (begin < end && (line[begin] == ' ' || line[begin] == '\t')) {
            begin++;
        }
        while (end > begin && (line[end - 1] == ' ' || line[end - 1] == '\t')) {
            end--;
        }
        for (int i = begin; i < end; i++) {
            if ((line[i] >= 0 && line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f) {
                throw MalformedRequestException.badRequest("a header field has a control character");
            }
        }
        String name = new String(line, 0, colon, StandardCharsets.ISO_8859_1);
        String value = new String(line, begin, end - begin, StandardCharsets.UTF_8);
        headers.computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>(1))
                .add(value);
    }

    private static boolean isToken(byte value) {
        return value > 0 && TOKEN[value];
    }

    private RequestHead complete() throws MalformedRequestException {
        RequestHead head = RequestFraming.understand(method, target, headers, http10);
        scanned = 0;
        headBytes = 0;
        fields = 0;
        emptyLineSkipped = false;
        method = "";
        target = "";
        headers = new LinkedHashMap<>();
        return head;
    }
}
