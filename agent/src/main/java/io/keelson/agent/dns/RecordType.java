package io.keelson.agent.dns;

/** Types of records, by their numbers, and what their data is made of as far as names stand in it. */
final class RecordType {
    static final int A = 1;
    static final int NS = 2;
    static final int CNAME = 5;
    static final int SOA = 6;
    static final int PTR = 12;
    static final int HINFO = 13;
    static final int MX = 15;
    static final int TXT = 16;
    static final int AAAA = 28;
    static final int SRV = 33;
    static final int DNAME = 39;
    static final int OPT = 41;
    static final int RRSIG = 46;
    static final int NSEC = 47;
    static final int NSEC3 = 50;
    static final int IXFR = 251;
    static final int AXFR = 252;
    static final int ANY = 255;

    private RecordType() {}

    /** How it is called in metrics: by its name if it is a common one, else {@code other}. */
    static String label(int type) {
        return switch (type) {
            case A -> "A";
            case AAAA -> "AAAA";
            case MX -> "MX";
            case SOA -> "SOA";
            case CNAME -> "CNAME";
            case PTR -> "PTR";
            case TXT -> "TXT";
            case NS -> "NS";
            case SRV -> "SRV";
            case 43 -> "DS";
            case 48 -> "DNSKEY";
            case RRSIG -> "RRSIG";
            case NSEC -> "NSEC";
            case NSEC3 -> "NSEC3";
            case 65 -> "HTTPS";
            case IXFR -> "IXFR";
            case AXFR -> "AXFR";
            case ANY -> "ANY";
            default -> "other";
        };
    }

    /**
     * What the data is made of.
     *
     * @param before octets before the names
     * @param names how many, one after the other; 0 if none is known of
     * @param compressed whether they may be written as pointers: only those that every reader knows
     */
    record Layout(int before, int names, boolean compressed) {
        private static final Layout OPAQUE = new Layout(0, 0, false);

        static Layout of(int type) {
            return switch (type) {
                // NS, MD, MF, CNAME, MB, MG, MR, PTR
                case NS, 3, 4, CNAME, 7, 8, 9, PTR -> new Layout(0, 1, true);
                // SOA, MINFO
                case SOA, 14 -> new Layout(0, 2, true);
                case MX -> new Layout(2, 1, true);
                case DNAME -> new Layout(0, 1, false);
                // RP
                case 17 -> new Layout(0, 2, false);
                // AFSDB, RT, KX
                case 18, 21, 36 -> new Layout(2, 1, false);
                // PX
                case 26 -> new Layout(2, 2, false);
                case SRV -> new Layout(6, 1, false);
                default -> OPAQUE;
            };
        }
    }
}
