package io.keelson.apiserver.proxy;

import io.keelson.apiserver.errors.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Paths and queries on their way to a backend. */
public final class ProxyPath {
    private static final String PLAIN = "-._~$&+,/:;=@!*'()";
    private static final String HEX = "0123456789ABCDEF";

    private ProxyPath() {}

    /**
     * A path without escapes, with those that it needs.
     *
     * @throws ApiException BadRequest if it has segments that lead upwards, or are not there for what comes behind
     */
    public static String escape(String path) {
        for (String segment : List.of(path.split("/", -1))) {
            if (segment.equals("..") || segment.equals(".")) {
                throw ApiException.badRequest("the path must not contain the segments \".\" and \"..\"");
            }
        }
        StringBuilder escaped = new StringBuilder(path.length() + 16);
        for (byte next : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (next & 0xff);
            if (isAlphanumeric(c) || PLAIN.indexOf(c) >= 0) {
                escaped.append(c);
            } else {
                percent(escaped, c);
            }
        }
        return escaped.toString();
    }

    /** A query as a client has sent it, with a question mark in front and without what no URL may have; empty for none. */
    public static String query(String raw) {
        if (raw.isEmpty()) {
            return "";
        }
        StringBuilder query = new StringBuilder(raw.length() + 1).append('?');
        for (byte next : raw.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (next & 0xff);
            if (c > ' ' && c < 0x7f && c != '#') {
                query.append(c);
            } else {
                percent(query, c);
            }
        }
        return query.toString();
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static void percent(StringBuilder into, char octet) {
        into.append('%').append(HEX.charAt(octet >> 4)).append(HEX.charAt(octet & 0xf));
    }
}
