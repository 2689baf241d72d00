/**
 * How the proxy is set up: {@link io.keelson.proxy.config.ProxyConfiguration} is a file of kube-proxy
 * ({@code KubeProxyConfiguration} of {@code kubeproxy.config.k8s.io/v1alpha1}), which flags say as well; {@link
 * io.keelson.proxy.config.ConfigurationFile} reads and writes it, {@link io.keelson.proxy.config.Validation} says what of it makes
 * no sense, {@link io.keelson.proxy.config.NodePortAddresses} what it means for the addresses of a node.
 */
@NullMarked
package io.keelson.proxy.config;

import org.jspecify.annotations.NullMarked;
