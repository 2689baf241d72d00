package io.keelson.agent.policy;

/** A name of ports, whose number each pod says for itself. */
record NamedPort(Protocol protocol, String name) {}
