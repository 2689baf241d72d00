/**
 * The DNS of the cluster: what CoreDNS with its kubernetes, hosts, forward, cache, loop, loadbalance, health, ready and
 * prometheus plugins does, in the agent.
 *
 * <pre>
 *   {@link io.keelson.agent.dns.DatagramListener}   {@link io.keelson.agent.dns.StreamListener}        octets in, octets out
 *                └────────┬────────┘
 *          {@link io.keelson.agent.dns.QueryHandler}     {@link io.keelson.agent.dns.MessageReader}, {@link io.keelson.agent.dns.MessageWriter}
 *                         │ a question
 *            {@link io.keelson.agent.dns.Resolver}
 *    ┌──────────┬─────────┴──┬────────────┐
 *  {@link io.keelson.agent.dns.HostsFile}  {@link io.keelson.agent.dns.ClusterZone}  {@link io.keelson.agent.dns.AnswerCache}  {@link io.keelson.agent.dns.Forwarder}
 *               │                         │
 *        {@link io.keelson.agent.dns.ServiceIndex}              {@link io.keelson.agent.dns.Upstream} → {@link io.keelson.agent.dns.Exchange} → {@link io.keelson.agent.dns.Bailiwick}
 *               │
 *     Services and EndpointSlices from the API
 * </pre>
 *
 * <p>Questions about the cluster are answered by the thread that reads them, from what {@link
 * io.keelson.agent.dns.ServiceIndex} has laid out when the API told of a change; nothing waits. All others are answered from
 * memory or forwarded, each question by one virtual thread however many ask it. Octets come from strangers on both sides: {@link
 * io.keelson.agent.dns.MessageReader} and {@link io.keelson.agent.dns.Bailiwick} are where they are judged.
 *
 * <p>The way in is {@link io.keelson.agent.dns.ClusterDns}; {@link io.keelson.agent.dns.DnsCommand} runs it as a process of its
 * own.
 */
@NullMarked
package io.keelson.agent.dns;

import org.jspecify.annotations.NullMarked;
