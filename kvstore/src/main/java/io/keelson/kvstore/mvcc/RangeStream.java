package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.View;
import org.jspecify.annotations.Nullable;

/**
 * A range answered piece by piece, all of them at the revision that was the newest when the first was read, or at the one
 * asked for. Merged in order, the pieces are the answer to the plain request.
 *
 * <p>Nothing is held between pieces, so a client may take its time; if the revision is compacted meanwhile, the stream
 * ends with {@code COMPACTED}. Requests that sort or filter are answered in one piece. One thread at a time.
 */
public final class RangeStream {
    private static final int PIECE_BYTES = 1 << 20;

    private final MvccStore store;
    private final RangeRequest request;
    private long revision;
    private byte @Nullable [] nextKey;
    /** Of the first piece, and so of all: what a client watches from next must not lie behind what it was given. */
    private long headerRevision;

    private long taken;
    private boolean ended;

    RangeStream(MvccStore store, RangeRequest request) {
        this.store = store;
        this.request = request;
        this.revision = request.getRevision();
    }

    /**
     * The next piece; null after the last. Only the last one has {@code count} and {@code more}.
     *
     * @param room for the piece
     * @throws io.keelson.kvstore.errors.EtcdException COMPACTED, FUTURE_REV, or what {@link AnswerRoom.Share#take} throws
     */
    public @Nullable RangeResult next(AnswerRoom.Share room) {
        if (ended) {
            return null;
        }
        try (View view = store.view()) {
            RangeReader reader =
                    new RangeReader(view, view.state().revision(), view.state().compactRevision(), room);
            KeyRange range = KeyRange.of(
                    request.getKey().toByteArray(), request.getRangeEnd().toByteArray());
            if (range.single()
                    || range.empty()
                    || request.getCountOnly()
                    || RangeReader.sorts(request)
                    || RangeReader.filters(request)) {
                ended = true;
                return reader.read(request);
            }
            revision = reader.resolve(revision);
            byte[] from = nextKey;
            return from == null
                    ? piece(room, reader, range, view.state().revision())
                    : piece(
                            room,
                            reader,
                            new KeyRange(from, range.to(), false),
                            view.state().revision());
        }
    }

    private RangeResult piece(AnswerRoom.Share room, RangeReader reader, KeyRange rest, long currentRevision) {
        if (revision > currentRevision) {
            throw EtcdError.FUTURE_REV.exception();
        }
        if (headerRevision == 0) {
            headerRevision = currentRevision;
        }
        long limit = request.getLimit() <= 0 ? Long.MAX_VALUE : request.getLimit();
        EncodedKeyValues out = new EncodedKeyValues(room, 1 << 16);
        int keyValues = 0;
        try (KeyValues found = reader.open(rest, revision)) {
            while (found.valid() && taken < limit) {
                if (out.length() >= PIECE_BYTES) {
                    nextKey = found.key();
                    return new RangeResult(headerRevision, 0, false, keyValues, out.toBody());
                }
                found.appendTo(out, RangeReader.KVS_TAG, request.getKeysOnly());
                keyValues++;
                taken++;
                found.next();
            }
            ended = true;
            long beyond = found.countRest();
            RangeResult last = reader.finish(out, keyValues, taken + beyond, beyond > 0);
            return new RangeResult(headerRevision, last.count(), last.more(), last.keyValues(), last.body());
        }
    }
}
