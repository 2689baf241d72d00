package io.keelson.raft.jraft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.keelson.raft.RaftNode.Priority;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EntryFormatTest {
    private static final class Pieces implements EntryFormat.Visitor {
        private final List<String> seen = new ArrayList<>();

        @Override
        public void parcel(long origin, long sequence, int commands) {
            seen.add(origin + "/" + sequence + "x" + commands);
        }

        @Override
        public void command(byte[] array, int offset, int length) {
            seen.add(new String(array, offset, length, UTF_8));
        }
    }

    @Test
    void anEntryHasTheLeadersParcelAndThoseOfFollowers() {
        byte[] entry = entry();
        Pieces pieces = new Pieces();
        assertEquals(77, EntryFormat.read(ByteBuffer.wrap(entry), pieces));
        assertEquals(List.of("1/5x2", "a", "", "2/9x1", "other"), pieces.seen);
    }

    @Test
    void aMarkHasNone() {
        byte[] mark = EntryFormat.entry(3, 1, null, List.of(), EntryFormat.ENTRY_HEADER_BYTES);
        Pieces pieces = new Pieces();
        assertEquals(3, EntryFormat.read(ByteBuffer.wrap(mark), pieces));
        assertEquals(List.of(), pieces.seen);
    }

    @Test
    void anEntryThatIsCutAnywhereIsRefused() {
        byte[] entry = entry();
        for (int length = 0; length < entry.length; length++) {
            byte[] cut = Arrays.copyOf(entry, length);
            assertThrows(IllegalArgumentException.class, () -> EntryFormat.read(ByteBuffer.wrap(cut), new Pieces()));
        }
        byte[] longer = Arrays.copyOf(entry, entry.length + 1);
        assertThrows(IllegalArgumentException.class, () -> EntryFormat.read(ByteBuffer.wrap(longer), new Pieces()));
    }

    @Test
    void aParcelIsCheckedBeforeItGetsIntoTheLog() {
        ByteString body = body(2, 9, "other");
        assertEquals(1, EntryFormat.check(body.asReadOnlyByteBuffer(), 2));
        assertThrows(IllegalArgumentException.class, () -> EntryFormat.check(body.asReadOnlyByteBuffer(), 3));
        for (int length = 0; length < body.size(); length++) {
            ByteString cut = body.substring(0, length);
            assertThrows(IllegalArgumentException.class, () -> EntryFormat.check(cut.asReadOnlyByteBuffer(), 2));
        }
    }

    @Test
    void noiseIsRefusedWithoutHarm() {
        Random random = new Random(4711);
        for (int i = 0; i < 10_000; i++) {
            byte[] noise = new byte[random.nextInt(80)];
            random.nextBytes(noise);
            if (noise.length > 0) {
                noise[0] = 1;
            }
            try {
                EntryFormat.read(ByteBuffer.wrap(noise), new Pieces());
            } catch (IllegalArgumentException expected) {
                assertEquals(IllegalArgumentException.class, expected.getClass());
            }
        }
    }

    private static byte[] entry() {
        Parcel own = parcel(5, "a", "");
        ByteString other = body(2, 9, "other");
        return EntryFormat.entry(
                77,
                1,
                own,
                List.of(new ForwardedParcel(1, 1, other)),
                EntryFormat.ENTRY_HEADER_BYTES + own.bytes() + other.size());
    }

    private static ByteString body(long origin, long sequence, String command) {
        Parcel parcel = parcel(sequence, command);
        ByteBuffer out = ByteBuffer.allocate(parcel.bytes());
        EntryFormat.writeParcel(out, origin, parcel);
        return ByteString.copyFrom(out.flip());
    }

    private static Parcel parcel(long sequence, String... commands) {
        Proposal[] proposals = Arrays.stream(commands)
                .map(command -> new Proposal(command.getBytes(UTF_8), Priority.NORMAL, 0))
                .toArray(Proposal[]::new);
        return new Parcel(sequence, proposals, EntryFormat.parcelBytes(proposals));
    }
}
