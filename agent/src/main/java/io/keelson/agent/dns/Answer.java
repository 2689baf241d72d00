package io.keelson.agent.dns;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known to a question, whoever asked.
 *
 * @param code a {@link ResponseCode}
 * @param authoritative whether this server is the one that has to know
 * @param authentic whether signatures were checked by the server that was asked
 * @param error why it went wrong; null if it did not, or nothing more is known
 * @param source who knew: the name of CoreDNS's plugin that does the same, for metrics
 */
record Answer(
        int code,
        boolean authoritative,
        boolean authentic,
        List<ResourceRecord> answers,
        List<ResourceRecord> authorities,
        List<ResourceRecord> additionals,
        Edns.@Nullable ExtendedError error,
        String source) {
    /** Something went wrong, and why. */
    static Answer problem(int code, int errorCode, String text, String source) {
        return new Answer(
                code, false, false, List.of(), List.of(), List.of(), new Edns.ExtendedError(errorCode, text), source);
    }

    /** What an own zone has. */
    static Answer own(List<ResourceRecord> answers, List<ResourceRecord> additionals, String source) {
        return new Answer(ResponseCode.NOERROR, true, false, answers, List.of(), additionals, null, source);
    }

    /** That an own zone has nothing: {@code NXDOMAIN} if it has nothing of that name, else {@code NOERROR}. */
    static Answer nothing(int code, ResourceRecord soa, String source) {
        return new Answer(code, true, false, List.of(), List.of(soa), List.of(), null, source);
    }
}
