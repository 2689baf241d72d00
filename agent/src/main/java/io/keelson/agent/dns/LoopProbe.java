package io.keelson.agent.dns;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out whether a question that is sent away comes in at this server again, by asking for a name that nobody knows. */
final class LoopProbe {
    private static final Logger LOG = LoggerFactory.getLogger(LoopProbe.class);

    private final SecureRandom random;
    /** Names that were asked for, and whether they have come in. */
    private final Map<DnsName, Boolean> asked = new ConcurrentHashMap<>();

    LoopProbe(SecureRandom random) {
        this.random = random;
    }

    /** Sends a question somewhere, and waits for whatever is said to it. */
    @FunctionalInterface
    interface Asking {
        /** Asks; the answer is of no interest. */
        Object ask(AnswerCache.Request request) throws IOException;
    }

    /** Whether a question comes back. */
    boolean comesBack(Asking asking) {
        DnsName name = DnsName.ROOT.below(number(), number());
        asked.put(name, false);
        try {
            Object _ = asking.ask(new AnswerCache.Request(Question.of(name, RecordType.HINFO), false, false));
        } catch (IOException e) {
            LOG.debug("asking for {}: {}", name, e.getMessage());
        }
        // Whatever was said: what counts is whether it was seen coming in.
        return Boolean.TRUE.equals(asked.remove(name));
    }

    private String number() {
        return Long.toUnsignedString(random.nextLong());
    }

    /** Whether a question that came in is one that was sent away here. */
    boolean saw(Question question) {
        return question.type() == RecordType.HINFO
                && asked.computeIfPresent(question.name(), (name, before) -> true) != null;
    }
}
