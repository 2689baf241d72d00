/** The image service of CRI v1, on a store of images: what the agent, {@code crictl} and the like speak to. */
@NullMarked
package io.keelson.agent.embedded.images.service;

import org.jspecify.annotations.NullMarked;
