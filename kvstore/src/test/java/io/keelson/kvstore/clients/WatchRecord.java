package io.keelson.kvstore.clients;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchProgressRequest;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;

/** One watch of a kind as an apiserver keeps it, which checks what it is sent and writes it down. */
final class WatchRecord implements StreamObserver<WatchResponse>, AutoCloseable {
    private final StreamObserver<WatchRequest> requests;
    private final List<Event> events = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final long fromRevision;
    private long reached;
    private int progressReports;
    private boolean closed;

    WatchRecord(ApiServerCalls calls, String prefix, long fromRevision) {
        this.fromRevision = fromRevision;
        reached = fromRevision - 1;
        requests = calls.watches().watch(this);
        requests.onNext(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(prefix))
                        .setRangeEnd(ByteString.copyFromUtf8(prefix.substring(0, prefix.length() - 1) + "0"))
                        .setStartRevision(fromRevision)
                        .setPrevKv(true)
                        .setProgressNotify(true))
                .build());
    }

    long fromRevision() {
        return fromRevision;
    }

    void requestProgress() {
        requests.onNext(WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build());
    }

    @Override
    public synchronized void onNext(WatchResponse response) {
        if (response.getCanceled()) {
            faults.add("canceled: " + response.getCancelReason());
        }
        for (Event event : response.getEventsList()) {
            long revision = event.getKv().getModRevision();
            if (revision <= reached) {
                faults.add("event " + revision + " after everything up to " + reached + " was promised or sent");
            }
            Event last = events.isEmpty() ? null : events.getLast();
            if (last != null && revision < last.getKv().getModRevision()) {
                faults.add("event " + revision + " after event " + last.getKv().getModRevision());
            }
            events.add(event);
        }
        if (response.getEventsCount() == 0 && !response.getCreated()) {
            progressReports++;
            // Nothing at or before this revision may come any more.
            reached = Math.max(reached, response.getHeader().getRevision());
        }
        notifyAll();
    }

    @Override
    public synchronized void onError(Throwable error) {
        if (!closed) {
            faults.add("broken: " + error);
        }
        notifyAll();
    }

    @Override
    public void onCompleted() {
        onError(new IllegalStateException("ended by the server"));
    }

    /** Waits until a report of progress has reached a revision; false if that takes too long or something is wrong. */
    boolean awaitProgress(long revision, long timeoutMs) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeoutMs * 1_000_000;
        while (true) {
            requestProgress();
            synchronized (this) {
                if (reached >= revision && faults.isEmpty()) {
                    return true;
                }
                if (System.nanoTime() > deadlineNs || !faults.isEmpty()) {
                    return false;
                }
                wait(100);
            }
        }
    }

    synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    synchronized List<Event> events() {
        return List.copyOf(events);
    }

    synchronized int progressReports() {
        return progressReports;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        requests.onCompleted();
    }
}
