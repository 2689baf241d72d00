package io.keelson.agent.dns;

/** How a question went, by the numbers of it. */
final class ResponseCode {
    static final int NOERROR = 0;
    static final int FORMERR = 1;
    static final int SERVFAIL = 2;
    static final int NXDOMAIN = 3;
    static final int NOTIMP = 4;
    static final int REFUSED = 5;
    /** Needs twelve bits, so an OPT record. */
    static final int BADVERS = 16;

    private ResponseCode() {}

    /** Its name. */
    static String label(int code) {
        return switch (code) {
            case NOERROR -> "NOERROR";
            case FORMERR -> "FORMERR";
            case SERVFAIL -> "SERVFAIL";
            case NXDOMAIN -> "NXDOMAIN";
            case NOTIMP -> "NOTIMP";
            case REFUSED -> "REFUSED";
            case 6 -> "YXDOMAIN";
            case 7 -> "YXRRSET";
            case 8 -> "NXRRSET";
            case 9 -> "NOTAUTH";
            case 10 -> "NOTZONE";
            case BADVERS -> "BADVERS";
            default -> "RCODE" + code;
        };
    }
}
