package io.keelson.junit;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.apiserver.server.TestKubelet;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** A node whose agent is played by the test, with one pod on it: commands run on this machine. */
final class PlayedNode implements AutoCloseable {
    static final String POD = "web";
    static final String CONTAINER = "main";

    private final KubernetesClient client;
    private final TestKubelet agent;
    private final String name;

    PlayedNode(KubernetesClient client) throws IOException, GeneralSecurityException {
        this.client = client;
        this.agent = new TestKubelet();
        this.name = client.getNamespace() + "-node";
        var node = client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        var _ = client.resource(new NodeBuilder(node)
                        .withNewStatus()
                        .addNewAddress()
                        .withType("InternalIP")
                        .withAddress("127.0.0.1")
                        .endAddress()
                        .withNewDaemonEndpoints()
                        .withNewKubeletEndpoint(agent.port())
                        .endDaemonEndpoints()
                        .endStatus()
                        .build())
                .updateStatus();
        Pod pod = client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(POD)
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(name)
                        .addNewContainer()
                        .withName(CONTAINER)
                        .withImage("registry.example/web:1")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        var _ = client.resource(new PodBuilder(pod)
                        .editStatus()
                        .withPhase("Running")
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .endCondition()
                        .addNewContainerStatus()
                        .withName(CONTAINER)
                        .withImage("registry.example/web:1")
                        .withImageID("")
                        .withReady(true)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewRunning()
                        .endRunning()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build())
                .updateStatus();
    }

    TestKubelet agent() {
        return agent;
    }

    @Override
    public void close() throws IOException {
        var _ = client.nodes().withName(name).delete();
        agent.close();
    }
}
