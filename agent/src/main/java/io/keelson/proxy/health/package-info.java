/**
 * What the proxy tells of itself by HTTP: {@link io.keelson.proxy.health.ProxyHealth} knows whether rules keep up with changes,
 * {@link io.keelson.proxy.health.HealthPort} and {@link io.keelson.proxy.health.MetricsPort} answer for it, and {@link
 * io.keelson.proxy.health.HealthCheckPorts} tells load balancers how many endpoints a Service has on this node.
 */
@NullMarked
package io.keelson.proxy.health;

import org.jspecify.annotations.NullMarked;
