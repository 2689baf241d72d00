package io.keelson.agent.dns;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From the octets of a question to those of its answer. To an answer nothing is answered, so that two servers can never talk to
 * each other without end. Any thread.
 */
final class QueryHandler {
    private static final Logger LOG = LoggerFactory.getLogger(QueryHandler.class);
    private static final int DATAGRAM_OCTETS_MIN = 512;
    private static final int KEPT_FLAGS = 0x7800 | Message.RECURSION_DESIRED | Message.CHECKING_DISABLED;

    private final Resolver resolver;
    private final LoopProbe probe;
    private final DnsMetrics metrics;

    QueryHandler(Resolver resolver, LoopProbe probe, DnsMetrics metrics) {
        this.resolver = resolver;
        this.probe = probe;
        this.metrics = metrics;
    }

    /**
     * How a question came in.
     *
     * @param byStream by TCP
     */
    record Way(boolean byStream, boolean overV6) {}

    /**
     * Answers a question.
     *
     * @param octets what came in; not kept
     * @param reply gets the answer, at once or later and by another thread
     * @return whether there will be an answer
     */
    boolean handle(byte[] octets, int length, Way way, Consumer<byte[]> reply) {
        if (length < Message.HEADER_OCTETS || (octets[2] & 0x80) != 0) {
            return false;
        }
        long begin = System.nanoTime();
        Message query;
        try {
            query = MessageReader.read(octets, length);
        } catch (MalformedMessage e) {
            ByteBuffer header = ByteBuffer.wrap(octets);
            int flags = header.getShort(2) & 0xffff;
            Message without = Message.query(header.getShort(0) & 0xffff, flags, new Question(DnsName.ROOT, 0, 0), null);
            int code = without.operation() == 0 ? ResponseCode.FORMERR : ResponseCode.NOTIMP;
            metrics.asked(way.byStream(), way.overV6(), 0, false, length);
            send(bare(without, code), code, "", way, begin, reply, null);
            return true;
        }
        Question question = query.question();
        metrics.asked(
                way.byStream(),
                way.overV6(),
                question == null ? 0 : question.type(),
                query.edns() != null && query.edns().dnssec(),
                length);
        int refusal = refusal(query);
        if (question == null || refusal != ResponseCode.NOERROR) {
            int code = refusal == ResponseCode.NOERROR ? ResponseCode.FORMERR : refusal;
            send(bare(query, code), code, "", way, begin, reply, query.edns());
            return true;
        }
        answer(query, question, way, begin, reply);
        return true;
    }

    private int refusal(Message query) {
        Question question = query.question();
        if (query.operation() != 0) {
            return ResponseCode.NOTIMP;
        }
        if (query.edns() != null && query.edns().version() != 0) {
            return ResponseCode.BADVERS;
        }
        if (question == null) {
            return ResponseCode.FORMERR;
        }
        boolean isTransfer = question.type() == RecordType.AXFR || question.type() == RecordType.IXFR;
        return question.group() != Question.INTERNET || isTransfer || probe.saw(question)
                ? ResponseCode.REFUSED
                : ResponseCode.NOERROR;
    }

    private void answer(Message query, Question question, Way way, long begin, Consumer<byte[]> reply) {
        boolean wantsSignatures = query.edns() != null && query.edns().dnssec();
        try {
            var _ = resolver.resolve(
                            new AnswerCache.Request(question, wantsSignatures, query.has(Message.CHECKING_DISABLED)))
                    .thenAccept(answer -> send(
                            message(query, answer, wantsSignatures),
                            answer.code(),
                            answer.source(),
                            way,
                            begin,
                            reply,
                            query.edns()))
                    .exceptionally(problem -> panic(query, way, begin, reply, problem));
        } catch (RuntimeException e) {
            panic(query, way, begin, reply, e);
        }
    }

    private @Nullable Void panic(Message query, Way way, long begin, Consumer<byte[]> reply, Throwable problem) {
        metrics.panicked();
        LOG.error("answering {}: {}", query.question(), problem.getMessage(), problem);
        send(bare(query, ResponseCode.SERVFAIL), ResponseCode.SERVFAIL, "", way, begin, reply, query.edns());
        return null;
    }

    private static Message bare(Message query, int code) {
        boolean isReadable = query.question() != null && query.question().group() != 0;
        return new Message(
                query.id(),
                Message.RESPONSE | (query.flags() & KEPT_FLAGS) | (code & 0xf),
                isReadable ? query.question() : null,
                List.of(),
                List.of(),
                List.of(),
                query.edns() == null
                        ? null
                        : new Edns(Edns.OCTETS, 0, query.edns().dnssec(), null));
    }

    private static Message message(Message query, Answer answer, boolean wantsSignatures) {
        boolean tellsAuthentic = answer.authentic() && (wantsSignatures || query.has(Message.AUTHENTIC));
        int flags = Message.RESPONSE
                | (query.flags() & KEPT_FLAGS)
                | Message.RECURSION_AVAILABLE
                | (answer.authoritative() ? Message.AUTHORITATIVE : 0)
                | (tellsAuthentic ? Message.AUTHENTIC : 0)
                | (answer.code() & 0xf);
        return new Message(
                query.id(),
                flags,
                query.question(),
                shuffled(answer.answers()),
                answer.authorities(),
                answer.additionals(),
                query.edns() == null ? null : new Edns(Edns.OCTETS, 0, wantsSignatures, answer.error()));
    }

    /** Aliases first, as they lead on; addresses in any order, so that each is taken as often as the others. */
    private static List<ResourceRecord> shuffled(List<ResourceRecord> records) {
        if (records.size() < 2) {
            return records;
        }
        List<ResourceRecord> ordered = new ArrayList<>(records.size());
        List<ResourceRecord> rest = new ArrayList<>();
        List<ResourceRecord> chosen = new ArrayList<>();
        for (ResourceRecord record : records) {
            switch (record.type()) {
                case RecordType.CNAME -> ordered.add(record);
                case RecordType.A, RecordType.AAAA, RecordType.MX -> chosen.add(record);
                default -> rest.add(record);
            }
        }
        Collections.shuffle(chosen, ThreadLocalRandom.current());
        ordered.addAll(rest);
        ordered.addAll(chosen);
        return ordered;
    }

    private void send(
            Message answer,
            int code,
            String source,
            Way way,
            long begin,
            Consumer<byte[]> reply,
            @Nullable Edns asked) {
        int octetsMax = way.byStream()
                ? Message.OCTETS_MAX
                : Math.clamp(asked == null ? 0 : asked.octetsMax(), DATAGRAM_OCTETS_MIN, Edns.OCTETS);
        byte[] octets = MessageWriter.write(answer, code, octetsMax);
        metrics.answered(way.byStream(), code, source, octets.length, Duration.ofNanos(System.nanoTime() - begin));
        reply.accept(octets);
    }
}
