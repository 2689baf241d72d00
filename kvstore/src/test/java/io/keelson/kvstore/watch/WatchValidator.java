package io.keelson.kvstore.watch;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.Event.EventType;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchCreateRequest.FilterType;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.mvcc.KeyRange;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks what one watch is sent against etcd's guarantees, by name. Give it every response of the watch in the order they
 * came, and the reports of the whole stream (id -1); in the end, give it what really happened. Works on the protocol's own
 * messages, so it judges any server. Throws {@link AssertionError} at the first breach. Not safe for several threads.
 */
public final class WatchValidator {
    private final WatchCreateRequest request;
    private final KeyRange range;
    private final List<Event> received = new ArrayList<>();

    private boolean created;
    private boolean canceled;
    private long compactRevision;
    private long firstRevision;
    /** No event of this revision or an earlier one may come any more. */
    private long closedRevision;

    private boolean inFragments;

    public WatchValidator(WatchCreateRequest request) {
        this.request = request;
        ByteString key = request.getKey().isEmpty() ? ByteString.copyFrom(new byte[1]) : request.getKey();
        this.range = KeyRange.of(key.toByteArray(), request.getRangeEnd().toByteArray());
    }

    /** Takes the next response with the watch's id, or one with id -1 that answers a progress request. */
    public void accept(WatchResponse response) {
        check(!canceled, "nothing comes after the end", response);
        check(created != response.getCreated(), "created comes once, first", response);
        if (response.getCreated()) {
            created = true;
            canceled = response.getCanceled();
            firstRevision = request.getStartRevision() > 0
                    ? request.getStartRevision()
                    : response.getHeader().getRevision() + 1;
            check(response.getEventsCount() == 0, "created comes without events", response);
            return;
        }
        if (response.getCanceled()) {
            canceled = true;
            compactRevision = response.getCompactRevision();
            check(!inFragments, "atomic: the end comes between revisions", response);
            check(response.getEventsCount() == 0, "canceled comes without events", response);
            return;
        }
        if (response.getEventsCount() == 0) {
            check(!inFragments, "atomic: a report comes between revisions", response);
            closedRevision = Math.max(closedRevision, response.getHeader().getRevision());
            return;
        }
        response.getEventsList().forEach(event -> accept(event, response));
        inFragments = response.getFragment();
        check(!inFragments || request.getFragment(), "fragments come only if asked for", response);
        if (!inFragments) {
            closedRevision = Math.max(closedRevision, last());
        }
    }

    private void accept(Event event, WatchResponse response) {
        long revision = event.getKv().getModRevision();
        check(revision >= firstRevision, "nothing before the start revision " + firstRevision, response);
        check(revision > closedRevision, "bookmarkable, unique, atomic: nothing up to " + closedRevision, response);
        check(revision >= last(), "ordered: nothing before " + last(), response);
        check(revision <= response.getHeader().getRevision(), "the header is not behind its events", response);
        check(wanted(event), "only what was asked for", response);
        check(request.getPrevKv() || !event.hasPrevKv(), "previous values only if asked for", response);
        received.add(event);
    }

    private long last() {
        return received.isEmpty() ? 0 : received.getLast().getKv().getModRevision();
    }

    private boolean wanted(Event event) {
        FilterType unwanted = event.getType() == EventType.PUT ? FilterType.NOPUT : FilterType.NODELETE;
        return range.contains(event.getKv().getKey().toByteArray())
                && !request.getFiltersList().contains(unwanted);
    }

    /**
     * Reliable: everything that happened came, up to a revision.
     *
     * @param history every event with its previous value, in order
     * @param revision the watch must have seen all up to here, unless it was canceled
     */
    public void complete(List<Event> history, long revision) {
        if (!created || (canceled && firstRevision == 0)) {
            return;
        }
        check(!inFragments, "atomic: the last fragment came", WatchResponse.getDefaultInstance());
        List<Event> expected = new ArrayList<>();
        for (Event event : history) {
            long happened = event.getKv().getModRevision();
            if (happened >= firstRevision && happened <= revision && wanted(event)) {
                expected.add(
                        request.getPrevKv()
                                ? event
                                : event.toBuilder().clearPrevKv().build());
            }
        }
        // A watch that was canceled has seen a beginning, of whole revisions.
        int checked = canceled ? Math.min(received.size(), expected.size()) : expected.size();
        for (int i = 0; i < Math.min(checked, received.size()); i++) {
            if (!expected.get(i).equals(received.get(i))) {
                throw new AssertionError("reliable: event " + i + " of " + describe() + " is\n" + received.get(i)
                        + "but what happened is\n" + expected.get(i));
            }
        }
        if (received.size() != checked) {
            throw new AssertionError("reliable: " + describe() + " received " + received.size() + " events of "
                    + expected.size() + " that happened up to " + revision);
        }
        if (canceled && checked < expected.size()) {
            long next = expected.get(checked).getKv().getModRevision();
            if (next == last()) {
                throw new AssertionError("atomic: " + describe() + " ended within revision " + next);
            }
            if (compactRevision != 0 && compactRevision <= firstRevision) {
                throw new AssertionError("canceled for compaction to " + compactRevision + ": " + describe());
            }
        }
    }

    public boolean created() {
        return created;
    }

    public boolean canceled() {
        return canceled;
    }

    /** The compact revision that ended the watch, 0 if none did. */
    public long compactRevision() {
        return compactRevision;
    }

    /** The first revision the watch is to see. */
    public long firstRevision() {
        return firstRevision;
    }

    /** The revision up to which nothing more may come. */
    public long closedRevision() {
        return closedRevision;
    }

    public List<Event> received() {
        return List.copyOf(received);
    }

    private String describe() {
        return "the watch from " + firstRevision + " created by\n" + request;
    }

    private void check(boolean holds, String guarantee, WatchResponse response) {
        if (!holds) {
            throw new AssertionError(guarantee + "; broken by\n" + response + "for " + describe());
        }
    }
}
