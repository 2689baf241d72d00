package io.keelson.apiserver.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.cache.CacheCounts;
import io.keelson.apiserver.encryption.StoredResources;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.kvstore.metrics.Metrics;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CacheMetricsTest {
    private static CacheFigures figures(String group, String resource, long passed, long failed, long broken) {
        return new CacheFigures(
                new GroupResource(group, resource),
                2,
                300,
                0,
                0,
                64,
                7,
                new CacheCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, passed, failed, broken));
    }

    private static List<String> samples(Metrics metrics, String name) {
        return metrics.text()
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .map(line -> line.substring(name.length()))
                .toList();
    }

    @Test
    void objectsAreCountedAndWeighed() {
        Metrics metrics = new Metrics();
        new CacheMetrics(metrics, new StoredResources("/registry", List.of()))
                .follow(() -> List.of(figures("", "pods", 0, 0, 0)), true);
        assertEquals(List.of("{group=\"\",resource=\"pods\"} 2"), samples(metrics, "apiserver_resource_objects"));
        assertEquals(
                List.of("{group=\"\",resource=\"pods\"} 300"),
                samples(metrics, "apiserver_resource_size_estimate_bytes"));
    }

    @Test
    void objectsAreNotCountedForWhoDoesNotWantIt() {
        Metrics metrics = new Metrics();
        new CacheMetrics(metrics, new StoredResources("/registry", List.of()))
                .follow(() -> List.of(figures("", "pods", 0, 0, 0)), false);
        assertEquals(List.of(), samples(metrics, "apiserver_resource_objects"));
        assertEquals(List.of(), samples(metrics, "apiserver_storage_objects"));
        assertEquals(1, samples(metrics, "apiserver_watch_cache_watches").size());
    }

    @Test
    void consistencyChecksAreCountedByWhatCameOfThem() {
        Metrics metrics = new Metrics();
        new CacheMetrics(metrics, new StoredResources("/registry", List.of()))
                .follow(() -> List.of(figures("", "pods", 3, 0, 2), figures("apps", "deployments", 0, 1, 0)), true);
        assertEquals(
                List.of(
                        "{group=\"apps\",resource=\"deployments\",status=\"failure\"} 1",
                        "{group=\"\",resource=\"pods\",status=\"error\"} 2",
                        "{group=\"\",resource=\"pods\",status=\"success\"} 3"),
                samples(metrics, "apiserver_storage_consistency_checks_total"));
    }
}
