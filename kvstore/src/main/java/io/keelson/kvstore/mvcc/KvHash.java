package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.View;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A hash of all versions of all keys that are kept.
 *
 * <p>Members agree on it for the same revision and the same compacted revision, however far each one's compactor has come,
 * because it goes by what is readable and not by what lies there: keys in order, and of each key its versions from the
 * newest down. A version belongs to it if it is not younger than the revision, and was not put an end to at or before the
 * compacted revision; a deletion, if it is not older than the compacted revision. The change that put an end to a version
 * is the next younger thing that lies there of the same key, since the compactor drops from the old end.
 *
 * @param hash CRC32C
 * @param revision the revision hashed
 * @param compactRevision the compacted revision at that time
 * @param currentRevision the store's revision, for the response header
 */
public record KvHash(int hash, long revision, long compactRevision, long currentRevision) {
    static KvHash of(View view, long asked) {
        AppliedState state = view.state();
        if (asked > 0 && asked < state.compactRevision()) {
            throw EtcdError.COMPACTED.exception();
        }
        if (asked > state.revision()) {
            throw EtcdError.FUTURE_REV.exception();
        }
        long revision = asked <= 0 ? state.revision() : asked;
        try (Walk walk = new Walk(view, revision, state.compactRevision())) {
            return new KvHash(walk.run(), revision, state.compactRevision(), state.revision());
        }
    }

    private static final class Walk implements AutoCloseable {
        private static final long NOT_ENDED = Long.MAX_VALUE;
        private static final byte[] FIRST = {};

        private final long revision;
        private final long compactRevision;
        private final Cursor current;
        private final Cursor history;
        private final CRC32C crc = new CRC32C();
        private final ByteBuffer front = ByteBuffer.allocate(Integer.BYTES + Long.BYTES + Integer.BYTES);
        private byte @Nullable [] currentKey;
        private byte @Nullable [] historyKey;

        Walk(View view, long revision, long compactRevision) {
            this.revision = revision;
            this.compactRevision = compactRevision;
            current = view.cursor(Table.CURRENT, FIRST, null, true);
            try {
                history = view.cursor(Table.HISTORY, FIRST, null, true);
            } catch (RuntimeException e) {
                current.close();
                throw e;
            }
        }

        int run() {
            loadCurrent();
            loadHistory();
            while (currentKey != null || historyKey != null) {
                byte[] fromCurrent = currentKey;
                byte[] fromHistory = historyKey;
                int order = fromCurrent == null
                        ? 1
                        : fromHistory == null ? -1 : Arrays.compareUnsigned(fromCurrent, fromHistory);
                long endedAt = NOT_ENDED;
                if (fromCurrent != null && order <= 0) {
                    byte[] stored = current.value();
                    StoredRecord record = StoredRecord.parse(stored);
                    addVersion(fromCurrent, record.modRevision(), record.sub(), stored, record.length(), endedAt);
                    endedAt = record.modRevision();
                    current.next();
                    loadCurrent();
                }
                if (fromHistory != null && order >= 0) {
                    addHistory(fromHistory, endedAt);
                }
            }
            return (int) crc.getValue();
        }

        private void addHistory(byte[] key, long endedAtFirst) {
            long endedAt = endedAtFirst;
            byte[] prefix = HistoryKey.first(key);
            while (history.valid()) {
                byte[] place = history.key();
                if (!HistoryKey.isOf(place, prefix)) {
                    break;
                }
                byte[] version = history.value();
                long main = HistoryKey.main(place);
                if (version.length > 0) {
                    addVersion(key, main, HistoryKey.sub(place), version, version.length, endedAt);
                } else if (main <= revision && main >= compactRevision) {
                    add(key, main, HistoryKey.sub(place), version, 0);
                }
                endedAt = main;
                history.next();
            }
            loadHistory();
        }

        private void addVersion(byte[] key, long main, int sub, byte[] record, int recordLength, long endedAt) {
            if (main <= revision && endedAt > compactRevision) {
                add(key, main, sub, record, recordLength);
            }
        }

        private void add(byte[] key, long main, int sub, byte[] record, int recordLength) {
            front.clear();
            front.putInt(key.length).putLong(main).putInt(sub).flip();
            crc.update(front);
            crc.update(key, 0, key.length);
            crc.update(record, 0, recordLength);
        }

        private void loadCurrent() {
            currentKey = current.valid() ? current.key() : null;
        }

        private void loadHistory() {
            historyKey = history.valid() ? HistoryKey.userKey(history.key()) : null;
        }

        @Override
        public void close() {
            current.close();
            history.close();
        }
    }
}
