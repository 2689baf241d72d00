package io.keelson.kvstore.mvcc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.storage.StorageException;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/** The forms in which keys and records are stored. */
class HistoryKeyTest {
    @Provide
    Arbitrary<byte[]> keys() {
        return Arbitraries.of((byte) 0, (byte) 1, (byte) 'a', (byte) 0xfe, (byte) 0xff)
                .array(byte[].class)
                .ofMaxSize(5);
    }

    @Property(tries = 500)
    void historyKeysSortAsUserKeysAndThenNewestFirst(
            @ForAll @From("keys") byte[] one,
            @ForAll @From("keys") byte[] other,
            @ForAll @LongRange(min = 0, max = 3) long oneMain,
            @ForAll @LongRange(min = 0, max = 3) long otherMain) {
        int expected = Arrays.compareUnsigned(one, other);
        if (expected == 0) {
            expected = Long.compare(otherMain, oneMain);
        }
        int found = Arrays.compareUnsigned(HistoryKey.of(one, oneMain, 0), HistoryKey.of(other, otherMain, 0));
        assertEquals(Integer.signum(expected), Integer.signum(found));
        assertArrayEquals(one, HistoryKey.userKey(HistoryKey.of(one, oneMain, 7)));
        assertEquals(oneMain, HistoryKey.main(HistoryKey.of(one, oneMain, 7)));
        assertEquals(7, HistoryKey.sub(HistoryKey.of(one, oneMain, 7)));
        if (!Arrays.equals(one, other)) {
            int after = Arrays.compareUnsigned(HistoryKey.after(one), HistoryKey.of(other, otherMain, 0));
            assertEquals(Integer.signum(Arrays.compareUnsigned(one, other)), Integer.signum(after));
        }
    }

    @Property(tries = 300)
    void aRecordBehindAKeyIsAKeyValue(
            @ForAll @LongRange(min = 1) long create,
            @ForAll @LongRange(min = 1) long mod,
            @ForAll @LongRange(min = 1) long version,
            @ForAll long lease,
            @ForAll byte[] value,
            @ForAll @LongRange(min = 0, max = 100_000) long sub)
            throws Exception {
        byte[] record = StoredRecord.encode(create, mod, version, lease, ByteString.copyFrom(value));
        KeyValue expected = KeyValue.newBuilder()
                .setCreateRevision(create)
                .setModRevision(mod)
                .setVersion(version)
                .setLease(lease)
                .setValue(ByteString.copyFrom(value))
                .build();
        assertEquals(expected, KeyValue.parseFrom(record));
        byte[] stored = StoredRecord.withSub(record, (int) sub);
        StoredRecord parsed = StoredRecord.parse(stored);
        assertEquals(sub, parsed.sub());
        assertArrayEquals(record, parsed.proper(stored));
        assertArrayEquals(value, parsed.value(stored));
        assertEquals(
                expected.toBuilder().clearValue().build(),
                KeyValue.parseFrom(Arrays.copyOf(stored, parsed.headLength())));
    }

    @Property(tries = 300)
    void damagedRecordsAreRefusedAndNothingElseHappens(@ForAll byte[] bytes) {
        try {
            StoredRecord.parse(bytes);
        } catch (StorageException e) {
            assertEquals(StorageException.Kind.CORRUPT, e.kind());
        }
        try {
            RevisionEntry.decode(RevisionEntry.tableKey(1, 0), bytes);
        } catch (StorageException e) {
            assertEquals(StorageException.Kind.CORRUPT, e.kind());
        }
    }

    @Property(tries = 200)
    void revisionEntriesComeBackAsTheyWere(
            @ForAll @LongRange(min = 1) long main,
            @ForAll @From("keys") byte[] key,
            @ForAll boolean delete,
            @ForAll @LongRange(min = 0) long superseded) {
        RevisionEntry entry = delete
                ? new RevisionEntry(main, 3, true, key, superseded, 2, 0, 0, 0, 0)
                : new RevisionEntry(main, 3, false, key, superseded, 2, main, 1, -5, 77);
        RevisionEntry decoded = RevisionEntry.decode(entry.tableKey(), entry.encode());
        assertArrayEquals(key, decoded.key());
        assertArrayEquals(entry.encode(), decoded.encode());
        assertArrayEquals(entry.tableKey(), decoded.tableKey());
        assertThrows(
                StorageException.class,
                () -> RevisionEntry.decode(entry.tableKey(), Arrays.copyOf(entry.encode(), entry.encode().length - 1)));
    }
}
