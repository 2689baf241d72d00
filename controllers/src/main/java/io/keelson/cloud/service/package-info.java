/**
 * {@code service-lb-controller}: gives each Service of type {@code LoadBalancer} a load balancer, and takes it away
 * again.
 *
 * <p>Services and Nodes come in; {@link io.keelson.cloud.service.Wish} says what a Service wants, {@link
 * io.keelson.cloud.service.Difference} whether that is other than what was done last, {@link
 * io.keelson.cloud.service.Backends} which nodes take traffic. What has to be done is asked of {@link
 * io.keelson.cloud.LoadBalancers}; the finalizer, the status and events go out. What was done last is remembered in
 * this process only: the next one asks for every load balancer once more.
 */
@NullMarked
package io.keelson.cloud.service;

import org.jspecify.annotations.NullMarked;
