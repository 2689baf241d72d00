package io.keelson.kvstore.differential;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Sends the same calls to two servers that start empty, and stops at the first answer that differs. */
public final class Difference {
    private static final int CALLS_BETWEEN_WATCH_CHECKS = 200;
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int REMEMBERED_CHARACTERS = 4_000;
    private static final Pattern HEADER_REVISION = Pattern.compile("\\Aheader \\{\\s+revision: (\\d+)");

    private final long seed;
    private final List<String> recent = new ArrayList<>();
    private long calls;
    private long watchEvents;
    private long fragments;

    public Difference(long seed) {
        this.seed = seed;
    }

    /**
     * Compares.
     *
     * @param reference endpoint of the server that is right, {@code host:port}
     * @param tested endpoints of the other's members; the seed chooses the one that all calls go to
     * @return how many calls were made
     * @throws AssertionError at the first difference, with the calls that led there
     */
    public long run(String reference, List<String> tested, long callsMax, long deadlineNanos)
            throws InterruptedException {
        RandomCalls random = new RandomCalls(seed);
        try (Subject right = new Subject(reference);
                Subject other = new Subject(tested.get((int) Math.floorMod(seed, (long) tested.size())))) {
            List<Integer> open = new ArrayList<>();
            long revision = 1;
            long compacted = 0;
            // Revisions at which one transaction may have deleted a key and put it again.
            Set<Long> replacing = new HashSet<>();
            while (calls < callsMax && System.nanoTime() < deadlineNanos) {
                Call call = random.next(revision, compacted);
                if (call instanceof Call.Compact c
                        && replacing.contains(c.request().getRevision())) {
                    // etcd 3.5 drops what such a transaction put, and ends when somebody reads it.
                    continue;
                }
                if (call instanceof Call.Compact || call instanceof Call.WatchCancel) {
                    // What a watch still tells of the past, when it is cancelled or the past is dropped, is left to
                    // chance.
                    compareWatches(random, right, other, open, revision);
                }
                String expected = right.answer(call);
                String actual = other.answer(call);
                calls++;
                remember(call);
                if (!expected.equals(actual)) {
                    throw differs("the answer to call " + calls, expected, actual);
                }
                compareStream(call, other, expected);
                Matcher header = HEADER_REVISION.matcher(expected);
                if (header.find()) {
                    revision = Long.parseLong(header.group(1));
                }
                switch (call) {
                    case Call.Compact c
                    when expected.startsWith("header") ->
                        compacted = c.request().getRevision();
                    case Call.Txn c when deletesAndPuts(c.request()) -> replacing.add(revision);
                    case Call.WatchOpen c -> open.add(c.number());
                    default -> {}
                }
                // Which ids are taken is not left to chance.
                boolean mayHaveEnded = call instanceof Call.WatchOpen || call instanceof Call.Compact;
                if (mayHaveEnded || calls % CALLS_BETWEEN_WATCH_CHECKS == 0) {
                    compareWatches(random, right, other, open, revision);
                }
            }
            compareWatches(random, right, other, open, revision);
            Call everything = new Call.Range(RangeRequest.newBuilder()
                    .setKey(ByteString.copyFrom(new byte[] {0}))
                    .setRangeEnd(ByteString.copyFrom(new byte[] {0}))
                    .build());
            String expected = right.answer(everything);
            String actual = other.answer(everything);
            if (!expected.equals(actual)) {
                throw differs("the whole content", expected, actual);
            }
            compareStream(everything, other, expected);
            fragments = other.fragments();
            if (right.fragments() > 0 && fragments == 0) {
                throw new AssertionError("seed " + seed + ": the reference cut answers into " + right.fragments()
                        + " fragments, the tested one none");
            }
        }
        return calls;
    }

    /** An etcd before 3.7 streams no ranges: the stream of the tested one is to say what the reference says at once. */
    private void compareStream(Call call, Subject tested, String expected) {
        if (call instanceof Call.Range range) {
            String actual = tested.streamed(range.request());
            if (!expected.equals(actual)) {
                throw differs("the streamed answer to call " + calls, expected, actual);
            }
        }
    }

    private static boolean deletesAndPuts(TxnRequest request) {
        return has(request, RequestOp::hasRequestDeleteRange) && has(request, RequestOp::hasRequestPut);
    }

    private static boolean has(TxnRequest request, Predicate<RequestOp> kind) {
        return Stream.concat(request.getSuccessList().stream(), request.getFailureList().stream())
                .anyMatch(operation ->
                        operation.hasRequestTxn() ? has(operation.getRequestTxn(), kind) : kind.test(operation));
    }

    /** Events of watches that were compared. */
    public long watchEvents() {
        return watchEvents;
    }

    /** Pieces, but for the last of each, that answers of watches were cut into by the tested server. */
    public long fragments() {
        return fragments;
    }

    private void compareWatches(RandomCalls random, Subject right, Subject other, List<Integer> open, long revision)
            throws InterruptedException {
        List<Integer> ended = new ArrayList<>();
        for (int number : open) {
            List<String> expected = right.watched(number, revision);
            List<String> actual = other.watched(number, revision);
            // An answer about progress may be one to a question from before the watch was opened.
            long deadline = System.nanoTime() + LATE_NANOS;
            while (!expected.equals(actual) && System.nanoTime() < deadline) {
                Thread.sleep(50);
                expected = right.watched(number, revision);
                actual = other.watched(number, revision);
            }
            if (!expected.equals(actual)) {
                throw differs("the events of watch " + number, expected.toString(), actual.toString());
            }
            watchEvents += expected.size();
            String expectedEnd = right.ending(number);
            String actualEnd = waitEnding(other, number, expectedEnd);
            if (!expectedEnd.equals(actualEnd)) {
                throw differs("the end of watch " + number, expectedEnd, actualEnd);
            }
            if (!expectedEnd.equals("open")) {
                ended.add(number);
                random.ended(number);
            }
        }
        open.removeAll(ended);
    }

    private static String waitEnding(Subject subject, int number, String expected) throws InterruptedException {
        long deadline = System.nanoTime() + LATE_NANOS;
        while (!subject.ending(number).equals(expected) && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        return subject.ending(number);
    }

    private void remember(Call call) {
        recent.add(shortened(call.toString()));
        if (recent.size() > 30) {
            recent.removeFirst();
        }
    }

    private static String shortened(String text) {
        return text.length() <= REMEMBERED_CHARACTERS
                ? text
                : text.substring(0, REMEMBERED_CHARACTERS) + "… (" + text.length() + " characters)";
    }

    private AssertionError differs(String what, String expected, String actual) {
        int same = 0;
        int length = Math.min(expected.length(), actual.length());
        while (same < length && expected.charAt(same) == actual.charAt(same)) {
            same++;
        }
        int from = Math.max(0, same - REMEMBERED_CHARACTERS / 2);
        String where = from == 0 ? "" : " (from character " + from + ")";
        return new AssertionError("seed " + seed + ": " + what + " differs" + where + "\n--- reference\n"
                + shortened(expected.substring(from)) + "\n--- tested\n" + shortened(actual.substring(from))
                + "\n--- last calls\n" + String.join("\n", recent));
    }
}
