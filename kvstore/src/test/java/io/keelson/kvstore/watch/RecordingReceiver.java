package io.keelson.kvstore.watch;

import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.errors.EtcdError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client in memory that takes as many responses as it is given credit for. Safe for several threads. */
final class RecordingReceiver implements WatchReceiver {
    private final List<WatchResponse> responses = new ArrayList<>();
    private int credit = Integer.MAX_VALUE;
    private int nexts;
    private long bytes;
    private @Nullable EtcdError closedWith;

    @Override
    public synchronized boolean ready() {
        return credit > 0;
    }

    @Override
    public synchronized void send(WatchMessage message) {
        try {
            byte[] encoded = message.toByteArray();
            if (encoded.length != message.size()) {
                throw new AssertionError("size is " + message.size() + " but length is " + encoded.length);
            }
            bytes += encoded.length;
            responses.add(WatchResponse.parseFrom(encoded));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        if (credit > 0 && credit != Integer.MAX_VALUE) {
            credit--;
        }
    }

    @Override
    public synchronized void next() {
        nexts++;
    }

    @Override
    public synchronized void closed(EtcdError reason) {
        closedWith = reason;
    }

    /** Sets for how many responses there is room. The caller tells the stream if there is room again. */
    synchronized void credit(int responsesMax) {
        credit = responsesMax;
    }

    /** What has come since the last call. */
    synchronized List<WatchResponse> take() {
        List<WatchResponse> taken = List.copyOf(responses);
        responses.clear();
        return taken;
    }

    synchronized int waiting() {
        return responses.size();
    }

    synchronized int nexts() {
        return nexts;
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized @Nullable EtcdError closedWith() {
        return closedWith;
    }
}
