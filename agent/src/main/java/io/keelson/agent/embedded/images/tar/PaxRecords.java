package io.keelson.agent.embedded.images.tar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands before an entry in PAX's form: {@code LENGTH KEY=VALUE} in lines, where a value is any bytes. */
final class PaxRecords {
    private static final String ATTRIBUTE = "SCHILY.xattr.";

    private final Map<String, byte[]> records = new LinkedHashMap<>();
    private final List<Long> places = new ArrayList<>();

    /** Reads the records; those of an earlier header of the same entry are replaced. */
    void add(byte[] bytes) throws IOException {
        int at = 0;
        while (at < bytes.length) {
            int blank = at;
            while (blank < bytes.length && bytes[blank] != ' ') {
                blank++;
            }
            long length = decimal(Arrays.copyOfRange(bytes, at, blank), "the length of a PAX record");
            long end = at + length;
            if (end > bytes.length || end <= blank + 1 || bytes[(int) end - 1] != '\n') {
                throw new IOException("a PAX record is longer or shorter than it says");
            }
            int equals = blank + 1;
            while (equals < end && bytes[equals] != '=') {
                equals++;
            }
            if (equals >= end) {
                throw new IOException("a PAX record has no value");
            }
            String key = new String(bytes, blank + 1, equals - blank - 1, StandardCharsets.UTF_8);
            byte[] value = Arrays.copyOfRange(bytes, equals + 1, (int) end - 1);
            if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
                // The only ones that come again and again.
                places.add(decimal(value, key));
            } else {
                records.put(key, value);
            }
            at = (int) end;
        }
    }

    byte @Nullable [] value(String key) {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? null : value;
    }

    long number(String key, long otherwise) throws IOException {
        byte[] value = value(key);
        return value == null ? otherwise : decimal(value, key);
    }

    /** The offsets and lengths of the oldest way to write a sparse file. */
    List<Long> places() {
        return places;
    }

    Map<String, byte[]> attributes() {
        Map<String, byte[]> attributes = new LinkedHashMap<>();
        records.forEach((key, value) -> {
            if (key.startsWith(ATTRIBUTE) && key.length() > ATTRIBUTE.length()) {
                attributes.put(key.substring(ATTRIBUTE.length()), value);
            }
        });
        return attributes;
    }

    /** Seconds, and nanoseconds as the second number; negative times go down from the full second. */
    long @Nullable [] time(String key) throws IOException {
        byte[] value = value(key);
        if (value == null) {
            return null;
        }
        String text = new String(value, StandardCharsets.ISO_8859_1);
        boolean negative = text.startsWith("-");
        int point = text.indexOf('.');
        String whole = text.substring(negative ? 1 : 0, point < 0 ? text.length() : point);
        String fraction = point < 0 ? "" : text.substring(point + 1);
        long seconds = whole.isEmpty() ? 0 : decimal(whole.getBytes(StandardCharsets.ISO_8859_1), key);
        String nine = (fraction + "000000000").substring(0, 9);
        long nanoseconds = decimal(nine.getBytes(StandardCharsets.ISO_8859_1), key);
        if (!negative) {
            return new long[] {seconds, nanoseconds};
        }
        return nanoseconds == 0 ? new long[] {-seconds, 0} : new long[] {-seconds - 1, 1_000_000_000L - nanoseconds};
    }

    /** A number without a sign, of at most 18 digits. */
    static long decimal(byte[] digits, String what) throws IOException {
        long value = 0;
        boolean usable = digits.length > 0 && digits.length <= 18;
        for (byte digit : digits) {
            usable &= digit >= '0' && digit <= '9';
            value = value * 10 + (digit - '0');
        }
        if (!usable) {
            throw new IOException(what + " is no number");
        }
        return value;
    }
}
