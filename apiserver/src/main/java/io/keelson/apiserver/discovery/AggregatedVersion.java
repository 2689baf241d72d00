package io.keelson.apiserver.discovery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import org.jspecify.annotations.Nullable;

/**
 * A group and version that another server serves, behind this one.
 *
 * @param groupPriority groups with a higher one are listed first
 * @param versionPriority versions with a higher one are preferred
 * @param resources what is served, in the aggregated form ({@code APIResourceDiscovery}); null if it is not known
 * @param fresh whether that is what the server has said just now
 */
public record AggregatedVersion(
        String group,
        String version,
        int groupPriority,
        int versionPriority,
        @Nullable ArrayNode resources,
        boolean fresh) {}
