/**
 * What packets to Services are to become, computed without the kernel. Services and EndpointSlices come in as the API
 * has them: {@link io.keelson.proxy.rules.ServicePort} and {@link io.keelson.proxy.rules.Endpoint} are what of them
 * matters, {@link io.keelson.proxy.rules.Selection} chooses endpoints as seen from this node,
 * {@link io.keelson.proxy.rules.PortRules} is the outcome for one port of a Service.
 * {@link io.keelson.proxy.rules.RuleTable} turns these into the elements of a few maps and sets, and says for each
 * change which of them differ: a handful, however many Services there are.
 *
 * <p>The maps of a family of addresses, by which a packet finds its way (node ports, which have no address, have maps
 * of their own):
 *
 * <pre>
 * frontends          address, protocol, port → the chain that treats it as one that comes from inside or outside, and leads
 *                    to the chain that chooses among about as many endpoints
 * cluster-endpoints  address, protocol, port, index → address, port
 * </pre>
 *
 * <p>With session affinity the chain that chooses is one of the Service's own, which first looks for the endpoint that
 * the client had: the set {@code affinity} has clients with numbers of endpoints, {@code kept-endpoints} has where
 * these are. Here a packet passes as many rules as the Service has endpoints; everywhere else their number makes no
 * difference.
 *
 * <p>All is pure but for the tables, which belong to one thread.
 */
@NullMarked
package io.keelson.proxy.rules;

import org.jspecify.annotations.NullMarked;
