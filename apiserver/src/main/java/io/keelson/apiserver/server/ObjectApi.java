package io.keelson.apiserver.server;

import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.egress.EgressClients;
import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.metrics.AdmissionMetrics;
import io.keelson.apiserver.metrics.WatchMetrics;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.webhook.WebhookClient;

/** The API of objects, with all that has to admit what is written through it. */
final class ObjectApi {
    private ObjectApi() {}

    /** @param clients how webhooks are connected to that have to admit */
    static RestApi open(
            ServerContext context,
            ResourceRegistry registry,
            Storage storage,
            Authorizer authorizer,
            EgressClients clients) {
        ApiSettings api = context.cluster().api();
        return context.part(new RestApi(
                registry,
                storage.stores().objects(),
                storage.caches(),
                objects -> new AdmissionMetrics(context.metrics())
                        .measured(Admission.of(
                                objects,
                                objects,
                                authorizer,
                                admission(context),
                                context.part(new WebhookClient(context.routing(objects), clients)),
                                context.metrics(),
                                context::part,
                                context.clock())),
                new RestApi.Settings(
                        storage.keyPrefix(),
                        storage.cacheOptions(),
                        context.config().eventTimeToLive(),
                        context.config().requestTimeoutMin(),
                        api.storage().storedAs(),
                        new WatchMetrics(context.metrics()),
                        api.features().isOn(FeatureGates.STRICT_ADDRESSES),
                        api.features().isOn(FeatureGates.GROUPS_OF_PODS),
                        api.storage().deletionWorkers()),
                context.clock()));
    }

    private static AdmissionSettings admission(ServerContext context) {
        AdmissionSettings settings = context.cluster().admission();
        return context.tellsNodesApart() ? settings.withNodes() : settings;
    }
}
