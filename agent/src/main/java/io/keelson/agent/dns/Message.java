package io.keelson.agent.dns;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A question or an answer as it goes over the network.
 *
 * @param id by which an answer is known to be to a question
 * @param flags the second word of the header, with the lower four bits of the response code
 * @param question null if there is none
 * @param edns null if there is no OPT record, which is not among the additional ones
 */
record Message(
        int id,
        int flags,
        @Nullable Question question,
        List<ResourceRecord> answers,
        List<ResourceRecord> authorities,
        List<ResourceRecord> additionals,
        @Nullable Edns edns) {
    static final int HEADER_OCTETS = 12;
    static final int OCTETS_MAX = 65_535;

    static final int RESPONSE = 0x8000;
    static final int AUTHORITATIVE = 0x0400;
    static final int TRUNCATED = 0x0200;
    static final int RECURSION_DESIRED = 0x0100;
    static final int RECURSION_AVAILABLE = 0x0080;
    static final int AUTHENTIC = 0x0020;
    static final int CHECKING_DISABLED = 0x0010;
    private static final int OPCODE = 0x7800;
    private static final int CODE = 0x000f;

    /** A question. */
    static Message query(int id, int flags, Question question, @Nullable Edns edns) {
        return new Message(id, flags, question, List.of(), List.of(), List.of(), edns);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** What is to be done; 0 is to answer a question. */
    int operation() {
        return (flags & OPCODE) >> 11;
    }

    /** The lower four bits of the response code. */
    int code() {
        return flags & CODE;
    }
}
