package io.keelson.apiserver.discovery;

import java.util.List;

/** What other servers serve, behind this one. */
public interface AggregatedGroups {
    /** Nothing. */
    AggregatedGroups NONE = new AggregatedGroups() {
        @Override
        public long number() {
            return 0;
        }

        @Override
        public List<AggregatedVersion> versions() {
            return List.of();
        }
    };

    /** Counts the changes. */
    long number();

    List<AggregatedVersion> versions();
}
