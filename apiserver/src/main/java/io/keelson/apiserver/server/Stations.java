package io.keelson.apiserver.server;

import io.keelson.apiserver.aggregation.Aggregation;
import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.crd.Definitions;
import io.keelson.apiserver.features.ServedVersions;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;

/**
 * What requests meet on their way, and what tells about it.
 *
 * @param registry all that the server has
 * @param shown what clients may have
 */
record Stations(
        Storage storage,
        ResourceRegistry registry,
        Shown shown,
        RestApi rest,
        ClusterPki pki,
        AccessControl access,
        RuleFeed feed,
        Definitions definitions,
        RequestFlow flow,
        OutgoingConnections outgoing,
        Aggregation aggregation,
        Beginnings beginnings,
        Shutdown shutdown) {
    /**
     * What clients may have.
     *
     * @param registry without what is switched off
     */
    record Shown(ServedVersions versions, ResourceRegistry registry) {}
}
