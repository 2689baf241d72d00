package io.keelson.agent.dns;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers of others, remembered as long as they may be, within bounds of our own. There are two rooms, for what there is and
 * for what there is not, so that names that somebody makes up do not drive out those that are used; each has a bound in answers
 * and in octets, and who was not asked for the longest time goes first.
 *
 * <p>Any thread. The lock is held only while a map is looked at.
 */
final class AnswerCache {
    private static final int SECONDS_MIN = 5;
    private static final int FAILURE_SECONDS = 5;
    private static final int ANSWER_OCTETS_MAX = 32 * 1024;
    private static final int RECORD_OCTETS = 96;

    private final Room present;
    private final Room absent;
    private final Time time;
    private final int secondsMax;

    /**
     * What is asked for.
     *
     * @param dnssec whether signatures are wanted, too
     * @param unchecked whether the server that is asked shall not check them
     */
    record Request(Question question, boolean dnssec, boolean unchecked) {}

    /**
     * Something that is remembered.
     *
     * @param answer with times as they are now
     * @param isDue whether it is forgotten soon and asked for often: a good moment to ask again
     */
    record Hit(Answer answer, boolean isDue, boolean isPresent) {}

    private static final class Entry {
        private final Answer answer;
        private final long storedNanos;
        private final int seconds;
        private final int octets;
        private int hits;
        private boolean isFetched;

        private Entry(Answer answer, long storedNanos, int seconds, int octets) {
            this.answer = answer;
            this.storedNanos = storedNanos;
            this.seconds = seconds;
            this.octets = octets;
        }
    }

    private static final class Room {
        private final Map<Request, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
        private final int entriesMax;
        private final long octetsMax;
        private long octets;
        private long evictions;

        private Room(int entriesMax, long octetsMax) {
            this.entriesMax = entriesMax;
            this.octetsMax = octetsMax;
        }

        private void put(Request request, Entry entry) {
            remove(request);
            entries.put(request, entry);
            octets += entry.octets;
            Iterator<Entry> oldest = entries.values().iterator();
            while (entries.size() > entriesMax || octets > octetsMax) {
                octets -= oldest.next().octets;
                oldest.remove();
                evictions++;
            }
        }

        private void remove(Request request) {
            Entry before = entries.remove(request);
            octets -= before == null ? 0 : before.octets;
        }
    }

    /**
     * Nothing remembered.
     *
     * @param secondsMax how long anything is remembered at most
     * @param entriesMax how many answers of each kind
     * @param octetsMax how many octets of each kind, roughly
     */
    AnswerCache(Time time, int secondsMax, int entriesMax, long octetsMax) {
        this.time = time;
        this.secondsMax = secondsMax;
        present = new Room(entriesMax, octetsMax);
        absent = new Room(entriesMax, octetsMax);
    }

    /** What is remembered; null if nothing is. */
    synchronized @Nullable Hit get(Request request) {
        Hit hit = get(present, request, true);
        return hit != null ? hit : get(absent, request, false);
    }

    private @Nullable Hit get(Room room, Request request, boolean isPresent) {
        Entry entry = room.entries.get(request);
        if (entry == null) {
            return null;
        }
        long age = Duration.ofNanos(time.nanoTime() - entry.storedNanos).toSeconds();
        if (age >= entry.seconds) {
            room.remove(request);
            return null;
        }
        entry.hits++;
        int left = (int) (entry.seconds - age);
        // Asked for at least twice, and in the last tenth of its time, or the last second.
        boolean isDue = isPresent && !entry.isFetched && entry.hits >= 2 && left <= Math.max(1, entry.seconds / 10);
        entry.isFetched |= isDue;
        return new Hit(aged(entry.answer, left), isDue, isPresent);
    }

    /**
     * Remembers an answer, if it may be, and returns it with the times that it is remembered for.
     */
    Answer put(Request request, Answer answer) {
        int seconds = seconds(answer);
        int octets = octets(answer);
        boolean isPresent =
                answer.code() == ResponseCode.NOERROR && !answer.answers().isEmpty();
        if (seconds > 0 && octets <= ANSWER_OCTETS_MAX) {
            Entry entry = new Entry(answer, time.nanoTime(), seconds, octets);
            synchronized (this) {
                (isPresent ? absent : present).remove(request);
                (isPresent ? present : absent).put(request, entry);
            }
        }
        return aged(answer, Math.max(0, seconds));
    }

    /** How long an answer may be remembered; 0 if not at all. */
    private int seconds(Answer answer) {
        if (answer.code() == ResponseCode.SERVFAIL) {
            return Math.min(FAILURE_SECONDS, secondsMax);
        }
        if (answer.code() != ResponseCode.NOERROR && answer.code() != ResponseCode.NXDOMAIN) {
            return 0;
        }
        int shortest = Integer.MAX_VALUE;
        for (ResourceRecord record : answer.answers()) {
            shortest = Math.min(shortest, record.seconds());
        }
        boolean isAbsent =
                answer.code() == ResponseCode.NXDOMAIN || answer.answers().isEmpty();
        for (ResourceRecord record : answer.authorities()) {
            shortest = Math.min(shortest, record.seconds());
            if (isAbsent && record.type() == RecordType.SOA) {
                shortest = Math.min(shortest, record.negativeSeconds());
            }
        }
        if (shortest == Integer.MAX_VALUE) {
            // Nobody said how long there will be nothing.
            shortest = SECONDS_MIN;
        }
        return Math.clamp(shortest, Math.min(SECONDS_MIN, secondsMax), secondsMax);
    }

    private static int octets(Answer answer) {
        int octets = RECORD_OCTETS;
        for (List<ResourceRecord> section : List.of(answer.answers(), answer.authorities(), answer.additionals())) {
            for (ResourceRecord record : section) {
                octets += RECORD_OCTETS + record.name().length() + record.data().length;
            }
        }
        return octets;
    }

    private static Answer aged(Answer answer, int seconds) {
        return new Answer(
                answer.code(),
                answer.authoritative(),
                answer.authentic(),
                aged(answer.answers(), seconds),
                aged(answer.authorities(), seconds),
                aged(answer.additionals(), seconds),
                answer.error(),
                answer.source());
    }

    private static List<ResourceRecord> aged(List<ResourceRecord> records, int seconds) {
        if (records.isEmpty()) {
            return records;
        }
        List<ResourceRecord> aged = new ArrayList<>(records.size());
        for (ResourceRecord record : records) {
            aged.add(record.lasting(seconds));
        }
        return aged;
    }

    /** How many answers are remembered. */
    synchronized int size(boolean ofPresent) {
        return (ofPresent ? present : absent).entries.size();
    }

    /** How many were forgotten before their time. */
    synchronized long evictions(boolean ofPresent) {
        return (ofPresent ? present : absent).evictions;
    }
}
