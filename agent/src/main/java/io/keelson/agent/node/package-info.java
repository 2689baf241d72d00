/**
 * The node as the API knows it: its object with what it has, how it does and where it is, and the lease that says that
 * it lives.
 *
 * <pre>
 *   {@link io.keelson.agent.node.MachineReader}  what the machine is   ─┐
 *   {@link io.keelson.agent.node.NodeSigns}      how it does           ─┼─► {@link io.keelson.agent.node.NodeReport}
 *   {@link io.keelson.agent.node.NodeSettings}   what was said of it   ─┘        │ a status
 *                                                                ▼
 *   {@link io.keelson.agent.node.NodeRegistration}  makes the object, reports what changed, reads back what
 *                                            others say of the node
 *   {@link io.keelson.agent.node.NodeLease}         renews the lease
 * </pre>
 *
 * <p>Certificates are for others to get; the client that is given has them.
 */
@NullMarked
package io.keelson.agent.node;

import org.jspecify.annotations.NullMarked;
