package io.keelson.apiserver.proxy;

import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.rest.ResourceHandler.SubresourceHandler;
import java.io.IOException;
import java.util.Map;

/** Everything that leads through this server to nodes and pods. */
public final class ProxiedSubresources {
    private ProxiedSubresources() {}

    /**
     * Who answers at which subresource.
     *
     * @param own what is shown to the agents of nodes if the settings name nothing
     * @throws IOException if a file of the settings cannot be used
     */
    public static Map<String, SubresourceHandler> of(
            ObjectLookup objects,
            Backends backends,
            KubeletSettings settings,
            Credential own,
            ConnectAdmission admission)
            throws IOException {
        Kubelets kubelets = new Kubelets(objects, settings, own);
        Throttle throttle = Throttle.to(settings.bytesPerSecondMax());
        Forwarding forwarding = new Forwarding(backends, throttle);
        Destination.Tls open =
                new Destination.Tls(new RemoteServer("pods", null, null, "", "", "", true).tls(), "pods");
        return Map.of(
                "pods/log",
                new PodLogs(objects, kubelets, backends),
                "pods/exec",
                new PodStreams(PodStreams.Kind.EXEC, objects, kubelets, backends, forwarding, throttle, admission),
                "pods/attach",
                new PodStreams(PodStreams.Kind.ATTACH, objects, kubelets, backends, forwarding, throttle, admission),
                "pods/portforward",
                new PodStreams(
                        PodStreams.Kind.PORT_FORWARD, objects, kubelets, backends, forwarding, throttle, admission),
                "pods/proxy",
                new ProxySubresource("PodProxyOptions", new PodFinder(objects, open), forwarding, admission),
                "services/proxy",
                new ProxySubresource("ServiceProxyOptions", new ServiceFinder(objects, open), forwarding, admission),
                "nodes/proxy",
                new ProxySubresource(
                        "NodeProxyOptions", new NodeFinder(kubelets, backends, open), forwarding, admission));
    }
}
