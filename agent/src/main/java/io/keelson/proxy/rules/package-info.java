/**
 * What packets to Services are to become, computed without the kernel. Services and EndpointSlices come in as the API has them:
 * {@link io.keelson.proxy.rules.ServicePort} and {@link io.keelson.proxy.rules.Endpoint} are what of them matters, {@link
 * io.keelson.proxy.rules.Selection} chooses endpoints as seen from this node, {@link io.keelson.proxy.rules.PortRules} is the
 * outcome for one port of a Service. {@link io.keelson.proxy.rules.RuleTable} turns these into the elements of a few maps and
 * sets, and says for each change which of them differ: a handful, however many Services there are.
 *
 * <p>The maps of a family of addresses, by which a packet finds its way:
 *
 * <pre>
 * frontends   address, protocol, port → number of the Service's port, and flags
 * groups      number of the port, cluster or local → the chain that chooses among as many endpoints
 * endpoints   number of the port, cluster or local, index → address, port
 * </pre>
 *
 * <p>All is pure but for the tables, which belong to one thread.
 */
@NullMarked
package io.keelson.proxy.rules;

import org.jspecify.annotations.NullMarked;
