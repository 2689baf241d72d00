package io.keelson.agent.dns;

/**
 * What is asked for.
 *
 * @param name of what
 * @param type a {@link RecordType}, or one of those that only questions have
 * @param group the class of the record; 1 is the Internet's
 */
record Question(DnsName name, int type, int group) {
    static final int INTERNET = 1;

    /** A question of the Internet's class. */
    static Question of(DnsName name, int type) {
        return new Question(name, type, INTERNET);
    }
}
