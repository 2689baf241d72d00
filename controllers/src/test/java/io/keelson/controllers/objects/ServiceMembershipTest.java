package io.keelson.controllers.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.Service;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceMembershipTest {
    private final TestCluster cluster = new TestCluster();
    private final Caches caches = new Caches(cluster.client(), Caches.Delivery.PLAIN);
    private final Cache<Service> services = caches.of(Service.class);
    private final Cache<Pod> pods = caches.of(Pod.class);
    private final String namespace = cluster.namespace();

    @BeforeEach
    void start() throws InterruptedException {
        service(namespace, "web", "{app: web}");
        service(namespace, "blue", "{app: web, team: blue}");
        service(namespace, "all-blue", "{team: blue}");
        service(namespace, "nothing", "{}");
        service(cluster.namespace(), "elsewhere", "{app: web}");
        for (String labels : Set.of("app: web, team: blue", "app: web, team: red", "app: db, team: blue")) {
            cluster.create(namespace, """
                    apiVersion: v1
                    kind: Pod
                    metadata: {generateName: pod-, labels: {%s}}
                    spec: {containers: [{name: main, image: web}]}
                    """.formatted(labels));
        }
        ServiceMembership.indexServices(services);
        ServiceMembership.indexPods(pods);
        caches.start();
    }

    @AfterEach
    void close() {
        caches.close();
        cluster.close();
    }

    private void service(String where, String name, String selector) {
        cluster.create(where, """
                apiVersion: v1
                kind: Service
                metadata: {name: %s}
                spec: {clusterIP: None, selector: %s}
                """.formatted(name, selector));
    }

    private List<Pod> selected(String service) {
        return ServiceMembership.pods(pods, Objects.requireNonNull(services.get(namespace, service)));
    }

    private PodBuilder pod(String... labels) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("pod")
                .withUid("uid")
                .endMetadata()
                .withNewStatus()
                .withPodIPs(new PodIP("10.0.0.1"))
                .endStatus();
        for (int i = 0; i < labels.length; i += 2) {
            pod.editMetadata().addToLabels(labels[i], labels[i + 1]).endMetadata();
        }
        return pod;
    }

    private Set<String> concerned(@Nullable Pod before, @Nullable Pod now) {
        return ServiceMembership.concerned(services, new Change<>(before, now)).stream()
                .map(Key::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void aServiceSelectsThePodsThatHaveAllItsLabels() {
        assertEquals(2, selected("web").size());
        assertEquals(1, selected("blue").size());
        assertEquals(2, selected("all-blue").size());
        assertTrue(selected("nothing").isEmpty());
    }

    @Test
    void aPodThatComesOrGoesConcernsTheServicesThatSelectIt() {
        Pod pod = pod("app", "web", "team", "blue").build();
        assertEquals(Set.of("web", "blue", "all-blue"), concerned(null, pod));
        assertEquals(Set.of("web", "blue", "all-blue"), concerned(pod, null));
        assertEquals(Set.of("web"), concerned(null, pod("app", "web").build()));
        assertTrue(concerned(null, pod().build()).isEmpty());
    }

    @Test
    void whatMakesNoOtherEndpointConcernsNobody() {
        PodBuilder pod = pod("app", "web");
        Pod annotated = pod("app", "web")
                .editMetadata()
                .addToAnnotations("a", "b")
                .endMetadata()
                .build();
        assertTrue(concerned(pod.build(), annotated).isEmpty());
        Pod moved = pod("app", "web").withNewSpec().withNodeName("n").endSpec().build();
        assertEquals(Set.of("web"), concerned(pod.build(), moved));
        Pod ended =
                pod("app", "web").editStatus().withPhase("Failed").endStatus().build();
        assertEquals(Set.of("web"), concerned(pod.build(), ended));
        Pod again =
                pod("app", "web").editMetadata().withUid("other").endMetadata().build();
        assertEquals(Set.of("web"), concerned(pod.build(), again));
    }

    @Test
    void aNewLabelConcernsThoseThatGainOrLoseThePod() {
        Pod red = pod("app", "web", "team", "red").build();
        Pod blue = pod("app", "web", "team", "blue").build();
        assertEquals(Set.of("blue", "all-blue"), concerned(red, blue));
        assertEquals(Set.of("blue", "all-blue"), concerned(blue, red));
        Pod blueElsewhere = pod("app", "web", "team", "blue")
                .editStatus()
                .withPodIPs(new PodIP("10.0.0.2"))
                .endStatus()
                .build();
        assertEquals(Set.of("web", "blue", "all-blue"), concerned(red, blueElsewhere));
    }

    @Test
    void anObjectThatWasChangedIsNotDeletedForWhatItSaid() {
        ConfigMap seen = (ConfigMap) cluster.create(namespace, """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: expiring}
                """);
        cluster.client()
                .configMaps()
                .inNamespace(namespace)
                .withName("expiring")
                .edit(now -> {
                    now.setData(Map.of("more", "time"));
                    return now;
                });
        assertFalse(VersionDeletion.of(cluster.client(), seen));
        ConfigMap now = cluster.client()
                .configMaps()
                .inNamespace(namespace)
                .withName("expiring")
                .get();
        assertTrue(VersionDeletion.of(cluster.client(), now));
        assertFalse(VersionDeletion.of(cluster.client(), now));
    }
}
