package io.keelson.apiserver.kinds;

import static io.keelson.apiserver.kinds.ApiGroup.ALL;
import static io.keelson.apiserver.kinds.ApiGroup.AUTHENTICATION;
import static io.keelson.apiserver.kinds.ApiGroup.CORE;

import io.keelson.apiserver.kinds.core.BindingStrategy;
import io.keelson.apiserver.kinds.core.ConfigMapStrategy;
import io.keelson.apiserver.kinds.core.EndpointsStrategy;
import io.keelson.apiserver.kinds.core.EventStrategy;
import io.keelson.apiserver.kinds.core.LimitRangeStrategy;
import io.keelson.apiserver.kinds.core.NamespaceStrategy;
import io.keelson.apiserver.kinds.core.NodeStrategy;
import io.keelson.apiserver.kinds.core.PersistentVolumeClaimStrategy;
import io.keelson.apiserver.kinds.core.PersistentVolumeStrategy;
import io.keelson.apiserver.kinds.core.PodStrategy;
import io.keelson.apiserver.kinds.core.PodTemplateStrategy;
import io.keelson.apiserver.kinds.core.ReplicationControllerStrategy;
import io.keelson.apiserver.kinds.core.ResourceQuotaStrategy;
import io.keelson.apiserver.kinds.core.SecretStrategy;
import io.keelson.apiserver.kinds.core.ServiceAccountStrategy;
import io.keelson.apiserver.kinds.core.ServiceStrategy;
import io.keelson.apiserver.printing.ClusterColumns;
import io.keelson.apiserver.printing.GenericColumns;
import io.keelson.apiserver.printing.NetworkColumns;
import io.keelson.apiserver.printing.PodColumns;
import io.keelson.apiserver.printing.StorageColumns;
import io.keelson.apiserver.printing.WorkloadColumns;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.Verb;
import java.util.List;

/** The kinds of the core group. */
final class CoreKinds {
    private CoreKinds() {}

    static List<Resource> list() {
        return List.of(
                bindings(),
                componentStatuses(),
                configMaps(),
                endpoints(),
                events(),
                limitRanges(),
                namespaces(),
                nodes(),
                claims(),
                volumes(),
                pods(),
                podTemplates(),
                replicationControllers(),
                quotas(),
                secrets(),
                serviceAccounts(),
                services());
    }

    private static Resource bindings() {
        return CORE.review("bindings", "Binding", GenericColumns.NAME_AND_CREATED_AT)
                .strategy(new BindingStrategy())
                .build();
    }

    private static Resource componentStatuses() {
        return Resource.named("", "componentstatuses", "ComponentStatus")
                .version(CORE.served(
                        "ComponentStatus",
                        ClusterColumns.COMPONENT_STATUSES,
                        "v1 ComponentStatus is deprecated in v1.19+"))
                .clusterScoped()
                .shortNames("cs")
                .verbs(Verb.GET, Verb.LIST)
                .build();
    }

    private static Resource configMaps() {
        return CORE.kind("configmaps", "ConfigMap", ClusterColumns.CONFIG_MAPS)
                .shortNames("cm")
                .strategy(new ConfigMapStrategy())
                .build();
    }

    private static Resource endpoints() {
        return Resource.named("", "endpoints", "Endpoints")
                .version(CORE.served(
                        "Endpoints",
                        NetworkColumns.ENDPOINTS,
                        "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"))
                .shortNames("ep")
                .storagePath("services/endpoints")
                .strategy(new EndpointsStrategy())
                .build();
    }

    private static Resource events() {
        return CORE.kind("events", "Event", ClusterColumns.EVENTS)
                .shortNames("ev")
                .strategy(EventStrategy.ofCoreGroup())
                .build();
    }

    private static Resource limitRanges() {
        return CORE.kind("limitranges", "LimitRange", GenericColumns.NAME_AND_CREATED_AT)
                .shortNames("limits")
                .strategy(new LimitRangeStrategy())
                .build();
    }

    private static Resource namespaces() {
        return CORE.kind("namespaces", "Namespace", ClusterColumns.NAMESPACES)
                .clusterScoped()
                .shortNames("ns")
                .verbs(Verb.CREATE, Verb.DELETE, Verb.GET, Verb.LIST, Verb.PATCH, Verb.UPDATE, Verb.WATCH)
                .subresource(CORE.status("Namespace"))
                .subresource(CORE.call("finalize", "Namespace", Verb.UPDATE))
                .strategy(new NamespaceStrategy())
                .build();
    }

    private static Resource nodes() {
        return CORE.kind("nodes", "Node", ClusterColumns.NODES)
                .clusterScoped()
                .shortNames("no")
                .storagePath("minions")
                .subresource(CORE.status("Node"))
                .subresource(CORE.proxy("NodeProxyOptions"))
                .strategy(new NodeStrategy())
                .build();
    }

    private static Resource claims() {
        return CORE.kind("persistentvolumeclaims", "PersistentVolumeClaim", StorageColumns.CLAIMS)
                .shortNames("pvc")
                .subresource(CORE.status("PersistentVolumeClaim"))
                .strategy(new PersistentVolumeClaimStrategy())
                .build();
    }

    private static Resource volumes() {
        return CORE.kind("persistentvolumes", "PersistentVolume", StorageColumns.VOLUMES)
                .clusterScoped()
                .shortNames("pv")
                .subresource(CORE.status("PersistentVolume"))
                .strategy(new PersistentVolumeStrategy())
                .build();
    }

    private static Resource pods() {
        return CORE.kind("pods", "Pod", PodColumns.PODS)
                .shortNames("po")
                .categories(ALL)
                .subresource(CORE.status("Pod"))
                .subresource(CORE.part("ephemeralcontainers", "Pod"))
                .subresource(CORE.part("resize", "Pod"))
                .subresource(CORE.call("binding", "Binding", Verb.CREATE))
                .subresource(new ApiGroup("policy", "v1").call("eviction", "Eviction", Verb.CREATE))
                .subresource(CORE.call("log", "Pod", Verb.GET))
                .subresource(CORE.call("attach", "PodAttachOptions", Verb.CREATE, Verb.GET))
                .subresource(CORE.call("exec", "PodExecOptions", Verb.CREATE, Verb.GET))
                .subresource(CORE.call("portforward", "PodPortForwardOptions", Verb.CREATE, Verb.GET))
                .subresource(CORE.proxy("PodProxyOptions"))
                .strategy(new PodStrategy())
                .build();
    }

    private static Resource podTemplates() {
        return CORE.kind("podtemplates", "PodTemplate", PodColumns.TEMPLATES)
                .strategy(new PodTemplateStrategy())
                .build();
    }

    private static Resource replicationControllers() {
        return CORE.kind("replicationcontrollers", "ReplicationController", WorkloadColumns.REPLICATION_CONTROLLERS)
                .shortNames("rc")
                .categories(ALL)
                .storagePath("controllers")
                .subresource(CORE.status("ReplicationController"))
                .subresource(ApiGroup.scale())
                .strategy(new ReplicationControllerStrategy())
                .build();
    }

    private static Resource quotas() {
        return CORE.kind("resourcequotas", "ResourceQuota", ClusterColumns.RESOURCE_QUOTAS)
                .shortNames("quota")
                .subresource(CORE.status("ResourceQuota"))
                .strategy(new ResourceQuotaStrategy())
                .build();
    }

    private static Resource secrets() {
        return CORE.kind("secrets", "Secret", ClusterColumns.SECRETS)
                .strategy(new SecretStrategy())
                .build();
    }

    private static Resource serviceAccounts() {
        return CORE.kind("serviceaccounts", "ServiceAccount", ClusterColumns.SERVICE_ACCOUNTS)
                .shortNames("sa")
                .subresource(AUTHENTICATION.call("token", "TokenRequest", Verb.CREATE))
                .strategy(new ServiceAccountStrategy())
                .build();
    }

    private static Resource services() {
        return CORE.kind("services", "Service", NetworkColumns.SERVICES)
                .shortNames("svc")
                .categories(ALL)
                .storagePath("services/specs")
                .subresource(CORE.status("Service"))
                .subresource(CORE.proxy("ServiceProxyOptions"))
                .strategy(new ServiceStrategy())
                .build();
    }

    /** What events are stored as, whichever group they came in by. */
    static GroupVersion eventsAreStoredAs() {
        return CORE.groupVersion();
    }
}
