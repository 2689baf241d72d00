package io.keelson.agent.pods.source;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pods of a node in the API: listed once, watched from then on, and no others are asked for. */
public final class ApiPods implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiPods.class);
    private static final long PAGE = 500;

    private final SharedIndexInformer<Pod> informer;

    /** Tells a listener, from the start on. */
    public ApiPods(KubernetesClient client, String node, PodListener listener) {
        informer = client.pods()
                .inAnyNamespace()
                .withField("spec.nodeName", node)
                .withLimit(PAGE)
                .runnableInformer(0);
        informer.exceptionHandler((running, problem) -> {
            LOG.warn("watching pods: {}", problem.getMessage());
            return true;
        });
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                listener.set(pod);
            }

            @Override
            public void onUpdate(Pod before, Pod now) {
                if (!before.getMetadata().getUid().equals(now.getMetadata().getUid())) {
                    listener.remove(before);
                }
                listener.set(now);
            }

            @Override
            public void onDelete(Pod pod, boolean lastStateUnknown) {
                listener.remove(pod);
            }
        });
    }

    /** Begins; is done when all pods that there are have been told of. Goes on trying while the API is away. */
    public CompletableFuture<Void> start() {
        return informer.start().toCompletableFuture();
    }

    @Override
    public void close() {
        informer.stop();
    }
}
