package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.UserInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens listed in a file ({@code --token-auth-file}): lines of token, user, UID and, in quotes, groups. Read once. Only
 * digests are kept, and comparing digests tells nothing by the time it takes.
 */
public final class TokenFile implements TokenAuthenticator {
    private static final Logger log = LoggerFactory.getLogger(TokenFile.class);
    private static final int BYTES_MAX = 16 << 20;

    private final Map<String, UserInfo> users;

    private TokenFile(Map<String, UserInfo> users) {
        this.users = users;
    }

    public static TokenFile read(Path file) throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException("token file " + file + " has more than " + BYTES_MAX + " bytes");
        }
        return parse(Files.readString(file), file.toString());
    }

    static TokenFile parse(String content, String name) throws IOException {
        Map<String, UserInfo> users = new HashMap<>();
        CsvRecords records = new CsvRecords(content, name);
        for (List<String> record = records.next(); record != null; record = records.next()) {
            if (record.size() < 3) {
                throw new IOException("token file '" + name
                        + "' must have at least 3 columns (token, user name, user uid), found " + record.size()
                        + " on line " + records.line());
            }
            if (record.getFirst().isEmpty()) {
                log.warn("empty token has been found in token file '{}' on line {}", name, records.line());
                continue;
            }
            List<String> groups = record.size() < 4 || record.get(3).isEmpty()
                    ? List.of()
                    : List.of(record.get(3).split(","));
            UserInfo user = new UserInfo(record.get(1), record.get(2), groups, Map.of());
            if (users.put(digest(record.getFirst()), user) != null) {
                log.warn("duplicate token has been found in token file '{}' on line {}", name, records.line());
            }
        }
        return new TokenFile(users);
    }

    @Override
    public Optional<Authenticated> authenticate(String token, List<String> audiences) {
        return Optional.ofNullable(users.get(digest(token))).map(Authenticated::of);
    }

    static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Comma-separated values as RFC 4180 has them: fields may be quoted, quotes in them doubled; blank lines are passed over. */
    private static final class CsvRecords {
        private final String text;
        private final String name;
        private int at;
        private int line;
        private int nextLine = 1;

        private CsvRecords(String text, String name) {
            this.text = text;
            this.name = name;
        }

        /** Where the last record begins. */
        private int line() {
            return line;
        }

        private IOException malformed(String why) {
            return new IOException("token file '" + name + "': parse error on line " + line + ": " + why);
        }

        /** Null at the end. */
        private @Nullable List<String> next() throws IOException {
            while (at < text.length()) {
                int begin = at;
                line = nextLine;
                List<String> record = record();
                nextLine += (int) text.substring(begin, Math.min(at, text.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
                if (record.size() > 1 || !record.getFirst().isEmpty()) {
                    return record;
                }
            }
            return null;
        }

        private List<String> record() throws IOException {
            List<String> fields = new ArrayList<>();
            while (true) {
                fields.add(at < text.length() && text.charAt(at) == '"' ? quoted() : bare());
                if (at < text.length() && text.charAt(at) == ',') {
                    at++;
                    continue;
                }
                if (at < text.length() && text.charAt(at) == '\r') {
                    at++;
                }
                if (at < text.length() && text.charAt(at) != '\n') {
                    throw malformed("extraneous or missing \" in quoted-field");
                }
                at++;
                return fields;
            }
        }

        private String bare() throws IOException {
            int start = at;
            while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
                if (text.charAt(at) == '"') {
                    throw malformed("bare \" in non-quoted-field");
                }
                at++;
            }
            return text.substring(start, at);
        }

        private String quoted() throws IOException {
            StringBuilder field = new StringBuilder();
            at++;
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (c != '"') {
                    field.append(c);
                } else if (at < text.length() && text.charAt(at) == '"') {
                    field.append('"');
                    at++;
                } else {
                    return field.toString();
                }
            }
            throw malformed("extraneous or missing \" in quoted-field");
        }
    }
}
