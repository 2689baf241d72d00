package io.keelson.apiserver.proxy;

import io.keelson.apiserver.errors.ApiException;
import java.net.InetAddress;

/**
 * What {@code nodes/proxy} leads to: the agent of the node, or another port of it.
 *
 * @param backends look the names of nodes up
 * @param open TLS for what is not the agent: nothing is shown, nothing is looked at
 */
record NodeFinder(Kubelets kubelets, Backends backends, Destination.Tls open) implements ProxySubresource.Finder {
    @Override
    public ProxySubresource.Found find(String namespace, String name) throws InterruptedException, BackendException {
        ProxyTarget target = ProxyTarget.parse("node", name);
        Kubelet kubelet = kubelets.of(target.name());
        Destination agent = kubelet.destination();
        int port = target.portNumber();
        if (target.port().isEmpty() || port == agent.port()) {
            return new ProxySubresource.Found(agent, backends.resolve(agent.host()));
        }
        if (port < 0) {
            throw ApiException.badRequest("invalid port \"" + target.port() + "\"");
        }
        InetAddress address = ProxyableAddress.of(agent.host());
        return new ProxySubresource.Found(new Destination(agent.host(), port, target.tls() ? open : null), address);
    }
}
