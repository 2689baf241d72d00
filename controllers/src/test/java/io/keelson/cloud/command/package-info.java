@NullMarked
package io.keelson.cloud.command;

import org.jspecify.annotations.NullMarked;
