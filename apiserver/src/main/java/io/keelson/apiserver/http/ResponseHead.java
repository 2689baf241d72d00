package io.keelson.apiserver.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Status and header fields of an answer, in the order in which they are sent. Made by one thread, then only read. */
final class ResponseHead {
    /** @param name as this server writes it in HTTP/1.1; HTTP/2 has all names in lower case */
    record Field(String name, String value) {}

    private final int status;
    private final List<Field> fields = new ArrayList<>(12);

    ResponseHead(int status) {
        this.status = status;
    }

    int status() {
        return status;
    }

    List<Field> fields() {
        return fields;
    }

    boolean has(String name) {
        for (Field field : fields) {
            if (field.name.equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Adds a field. Control characters in its value become spaces, so that nothing that others gave can end the field.
     *
     * @throws IllegalArgumentException if the name is no token
     */
    ResponseHead add(String name, String value) {
        if (!isToken(name)) {
            throw new IllegalArgumentException("not a name of a header field: " + name);
        }
        fields.add(new Field(name, printable(value)));
        return this;
    }

    /** Whether an answer of this status has no body at all, whatever was asked for. */
    boolean bodiless() {
        return status == 204 || status == 304 || status < 200;
    }

    /** Whether the field is about this connection alone, and so the business of nobody else. */
    static boolean ofConnection(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" -> true;
            default -> false;
        };
    }

    private static boolean isToken(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letter && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static String printable(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (isControl(value.charAt(i))) {
                StringBuilder clean = new StringBuilder(value);
                for (int j = i; j < clean.length(); j++) {
                    if (isControl(clean.charAt(j))) {
                        clean.setCharAt(j, ' ');
                    }
                }
                return clean.toString();
            }
        }
        return value;
    }

    private static boolean isControl(char c) {
        return (c < ' ' && c != '\t') || c == 0x7f;
    }
}
