package io.keelson.apiserver.authz;

/**
 * What an authorizer says.
 *
 * @param reason for people; empty if there is none
 * @param error what went wrong on the way to the decision, if anything did; an allowed request is allowed all the same
 */
public record Decision(Verdict verdict, String reason, String error) {
    /** No opinion, and nothing to say about it. */
    public static final Decision NO_OPINION = new Decision(Verdict.NO_OPINION, "", "");

    static final Decision ALLOW = new Decision(Verdict.ALLOW, "", "");

    /** The three answers. */
    public enum Verdict {
        ALLOW,
        /** Not allowed, whatever others say. */
        DENY,
        /** Not allowed, unless another one allows it. */
        NO_OPINION
    }

    public static Decision allow(String reason) {
        return new Decision(Verdict.ALLOW, reason, "");
    }

    public static Decision deny(String reason) {
        return new Decision(Verdict.DENY, reason, "");
    }

    public static Decision noOpinion(String reason) {
        return new Decision(Verdict.NO_OPINION, reason, "");
    }

    public boolean allowed() {
        return verdict == Verdict.ALLOW;
    }
}
