package io.keelson.agent.eviction;

/** What a node can be short of. */
enum Scarce {
    MEMORY("memory"),
    EPHEMERAL_STORAGE("ephemeral-storage"),
    INODES("inodes"),
    PIDS("pids");

    private final String text;

    Scarce(String text) {
        this.text = text;
    }

    /** As messages, and requests of pods, call it. */
    String text() {
        return text;
    }
}
