package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An earlier state: {@code CURRENT} and {@code HISTORY} walked side by side. A key whose newest version is not younger
 * than the revision is taken from {@code CURRENT}; for any other the newest version at or before the revision is sought in
 * {@code HISTORY}, with one seek however many versions the key has.
 */
final class PastKeyValues implements KeyValues {
    private static final byte[] NOTHING = {};

    private final long revision;
    private final Cursor current;
    private final Cursor history;
    private byte @Nullable [] currentKey;
    private byte @Nullable [] historyKey;
    private byte[] key = NOTHING;
    private byte[] stored = NOTHING;
    private boolean valid;

    PastKeyValues(Tables tables, KeyRange range, long revision, boolean once) {
        byte[] to = range.to();
        this.revision = revision;
        this.current = tables.cursor(Table.CURRENT, range.from(), to, once);
        try {
            this.history = tables.cursor(
                    Table.HISTORY, HistoryKey.first(range.from()), to == null ? null : HistoryKey.first(to), once);
        } catch (RuntimeException e) {
            current.close();
            throw e;
        }
        try {
            loadCurrent();
            loadHistory();
            advance();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public boolean valid() {
        return valid;
    }

    @Override
    public void next() {
        advance();
    }

    private void advance() {
        valid = false;
        while (!valid) {
            byte[] fromCurrent = currentKey;
            byte[] fromHistory = historyKey;
            if (fromCurrent == null && fromHistory == null) {
                return;
            }
            int order = fromCurrent == null
                    ? 1
                    : fromHistory == null ? -1 : Arrays.compareUnsigned(fromCurrent, fromHistory);
            boolean found = false;
            if (fromCurrent != null && order <= 0) {
                byte[] newest = current.value();
                if (StoredRecord.parse(newest).modRevision() <= revision) {
                    accept(fromCurrent, newest);
                    found = true;
                }
                current.next();
                loadCurrent();
            }
            if (fromHistory != null && order >= 0) {
                if (found) {
                    skip(fromHistory);
                } else {
                    lookBack(fromHistory);
                }
            }
        }
    }

    /** Takes the version of a key that was the newest at the revision, unless the key did not exist then. */
    private void lookBack(byte[] userKey) {
        if (HistoryKey.main(history.key()) > revision) {
            history.seek(HistoryKey.atOrBefore(userKey, revision));
            if (!history.valid() || !HistoryKey.isOf(history.key(), HistoryKey.first(userKey))) {
                loadHistory();
                return;
            }
        }
        byte[] version = history.value();
        if (version.length > 0) {
            accept(userKey, version);
        }
        skip(userKey);
    }

    private void accept(byte[] userKey, byte[] record) {
        key = userKey;
        stored = record;
        valid = true;
    }

    private void skip(byte[] userKey) {
        history.seek(HistoryKey.after(userKey));
        loadHistory();
    }

    private void loadCurrent() {
        currentKey = current.valid() ? current.key() : null;
    }

    private void loadHistory() {
        historyKey = history.valid() ? HistoryKey.userKey(history.key()) : null;
    }

    @Override
    public byte[] key() {
        return key;
    }

    @Override
    public byte[] stored() {
        return stored;
    }

    @Override
    public void appendTo(EncodedKeyValues out, int tag, boolean keysOnly) {
        StoredRecord record = StoredRecord.parse(stored);
        out.append(tag, key, stored, keysOnly ? record.headLength() : record.length());
    }

    @Override
    public void close() {
        current.close();
        history.close();
    }
}
