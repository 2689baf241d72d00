package io.keelson.agent.dns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps of what a server said only that which was asked for: what it says of other names, on the way, is not believed and not
 * remembered.
 */
final class Bailiwick {
    private static final int ALIASES_MAX = 16;
    private static final String SOURCE = "forward";

    private Bailiwick() {}

    /**
     * What a server said to a question.
     *
     * @throws IOException if it said much but nothing to this
     */
    static Answer of(AnswerCache.Request request, Message said) throws IOException {
        Question question = request.question();
        List<ResourceRecord> answers = new ArrayList<>();
        DnsName at = question.name();
        boolean ends = false;
        for (int aliases = 0; aliases <= ALIASES_MAX && !ends; aliases++) {
            DnsName next = step(request, said.answers(), at, answers);
            ends = next.equals(at);
            at = next;
        }
        if (!ends) {
            throw new IOException("a chain of more than " + ALIASES_MAX + " aliases");
        }
        if (answers.isEmpty() && !said.answers().isEmpty() && said.code() == ResponseCode.NOERROR) {
            throw new IOException("records of other names than the one that was asked for");
        }
        List<ResourceRecord> authorities = new ArrayList<>();
        for (ResourceRecord record : said.authorities()) {
            boolean isProof = switch (record.type()) {
                case RecordType.RRSIG, RecordType.NSEC, RecordType.NSEC3 -> true;
                default -> false;
            };
            // Proofs of absence stand beside names in the zone, not above the one that was asked for.
            if ((record.type() == RecordType.SOA && at.isWithin(record.name())) || (isProof && request.dnssec())) {
                authorities.add(record);
            }
        }
        return new Answer(
                said.code(), false, said.has(Message.AUTHENTIC), answers, authorities, List.of(), null, SOURCE);
    }

    /** Takes the records of one name, and returns the name that it stands for, or itself. */
    private static DnsName step(
            AnswerCache.Request request, List<ResourceRecord> said, DnsName at, List<ResourceRecord> answers) {
        int type = request.question().type();
        DnsName next = at;
        for (ResourceRecord record : said) {
            if (record.group() != request.question().group()) {
                continue;
            }
            boolean isAlias = record.type() == RecordType.CNAME && type != RecordType.CNAME && type != RecordType.ANY;
            if (record.type() == RecordType.DNAME && at.isWithin(record.name()) && !answers.contains(record)) {
                answers.add(record);
            } else if (record.name().equals(at)
                    && (isAlias
                            || type == RecordType.ANY
                            || record.type() == type
                            || (record.type() == RecordType.RRSIG && request.dnssec()))) {
                answers.add(record);
                next = isAlias ? record.target() : next;
            }
        }
        return next;
    }
}
