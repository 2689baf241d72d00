package io.keelson.agent.embedded.images.tar;

import io.keelson.agent.embedded.images.tar.TarEntry.Segment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Where the content of a sparse file goes, in the four ways that GNU tar had over time to say it. */
final class SparseMap {
    private static final int SEGMENTS_MAX = 100_000;
    private static final int IN_HEADER = 4;
    private static final int IN_EXTENSION = 21;
    private static final int PAIR = 24;
    private static final int EXTENSION_GOES_ON_AT = 504;

    private SparseMap() {}

    /** Gives the next block of the archive. */
    interface Blocks {
        byte[] next() throws IOException;
    }

    /** Of GNU's own header, and the blocks after it. */
    static List<Segment> ofHeader(TarHeader header, Blocks blocks) throws IOException {
        List<Long> numbers = new ArrayList<>();
        collect(header, 386, IN_HEADER, numbers);
        boolean more = header.mapGoesOn();
        while (more) {
            byte[] block = blocks.next();
            collect(new TarHeader(block), 0, IN_EXTENSION, numbers);
            more = block[EXTENSION_GOES_ON_AT] != 0;
        }
        return pairs(numbers);
    }

    private static void collect(TarHeader header, int from, int count, List<Long> numbers) throws IOException {
        for (int i = 0; i < count; i++) {
            long length = header.sparseNumber(from + i * PAIR + PAIR / 2);
            long offset = header.sparseNumber(from + i * PAIR);
            if (offset == 0 && length == 0) {
                return;
            }
            numbers.add(offset);
            numbers.add(length);
            bound(numbers.size() / 2);
        }
    }

    /** Of PAX records, where versions 0.0 and 0.1 have all of it. */
    static List<Segment> ofRecords(PaxRecords records) throws IOException {
        List<Long> numbers = new ArrayList<>(records.places());
        byte[] map = records.value("GNU.sparse.map");
        if (map != null) {
            numbers.clear();
            for (String number : new String(map, StandardCharsets.ISO_8859_1).split(",", -1)) {
                numbers.add(PaxRecords.decimal(number.getBytes(StandardCharsets.ISO_8859_1), "GNU.sparse.map"));
            }
        }
        return pairs(numbers);
    }

    /**
     * Of version 1.0, where it stands before the content, in lines.
     *
     * @param read counts the blocks that were read
     */
    static List<Segment> ofContent(Blocks content, int[] read) throws IOException {
        Lines lines = new Lines(content, read);
        long count = lines.number();
        bound(count);
        List<Long> numbers = new ArrayList<>();
        for (long i = 0; i < 2 * count; i++) {
            numbers.add(lines.number());
        }
        return pairs(numbers);
    }

    private static void bound(long count) throws IOException {
        if (count > SEGMENTS_MAX) {
            throw new IOException("a sparse file is in more than " + SEGMENTS_MAX + " pieces");
        }
    }

    private static List<Segment> pairs(List<Long> numbers) throws IOException {
        if (numbers.size() % 2 != 0) {
            throw new IOException("the map of a sparse file ends in the middle");
        }
        bound(numbers.size() / 2);
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i += 2) {
            segments.add(new Segment(numbers.get(i), numbers.get(i + 1)));
        }
        return segments;
    }

    /**
     * Refuses what does not fit: pieces out of order, beyond the file's end, or not as long together as what is stored.
     */
    static List<Segment> checked(List<Segment> segments, long size, long stored) throws IOException {
        long end = 0;
        long sum = 0;
        for (Segment segment : segments) {
            if (segment.offset() < end
                    || segment.length() < 0
                    || segment.length() > size
                    || segment.offset() > size - segment.length()) {
                throw new IOException("the map of a sparse file is not in order");
            }
            end = segment.offset() + segment.length();
            sum += segment.length();
        }
        if (sum != stored) {
            throw new IOException("a sparse file's map is of " + sum + " bytes, but " + stored + " are stored");
        }
        return List.copyOf(segments);
    }

    private static final class Lines {
        private final Blocks content;
        private final int[] read;
        private byte[] block = new byte[0];
        private int at;

        Lines(Blocks content, int[] read) {
            this.content = content;
            this.read = read;
        }

        long number() throws IOException {
            StringBuilder digits = new StringBuilder();
            while (true) {
                if (at == block.length) {
                    block = content.next();
                    read[0]++;
                    at = 0;
                }
                char c = (char) (block[at++] & 0xFF);
                if (c == '\n') {
                    return PaxRecords.decimal(
                            digits.toString().getBytes(StandardCharsets.ISO_8859_1), "a place in a sparse file");
                }
                digits.append(c);
                if (digits.length() > 20) {
                    throw new IOException("the map of a sparse file is damaged");
                }
            }
        }
    }
}
