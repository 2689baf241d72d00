/** Networks of pods, tried in network namespaces that the tests make and remove. */
@NullMarked
package io.keelson.agent.network;

import org.jspecify.annotations.NullMarked;
