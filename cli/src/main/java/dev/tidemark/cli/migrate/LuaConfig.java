package dev.tidemark.cli.migrate;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LoadState;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;
import org.luaj.vm2.compiler.LuaC;
import org.luaj.vm2.lib.BaseLib;
import org.luaj.vm2.lib.DebugLib;
import org.luaj.vm2.lib.MathLib;
import org.luaj.vm2.lib.PackageLib;
import org.luaj.vm2.lib.StringLib;
import org.luaj.vm2.lib.TableLib;
import org.luaj.vm2.lib.VarArgFunction;

/**
 * Runs a configuration of lsyncd, which is a program in Lua, and notes what it asks for. It can
 * compute and loop; files, processes, the environment and other programs are out of its reach, and
 * after ten million instructions it is ended.
 */
final class LuaConfig {
  private static final String AT_END = "something is missing at the end of the file";
  private static final int MOST_INSTRUCTIONS = 10_000_000;
  private static final List<String> OUT_OF_REACH =
      List.of("dofile", "loadfile", "load", "loadstring", "require", "package", "debug");
  private static final List<String> LAYERS = List.of("rsync", "rsyncssh", "direct");

  private final List<Map<String, Object>> syncs = new ArrayList<>();
  private final Map<String, Object> settings = new TreeMap<>();

  private LuaConfig() {}

  /**
   * What a configuration asks for: values are texts, numbers as texts, booleans, maps and lists;
   * {@link #FUNCTION} for what is a program.
   *
   * @param syncs each with what its layer has, its layer's name as {@code layer}
   */
  record Asked(Map<String, Object> settings, List<Map<String, Object>> syncs) {}

  /** Stands for a function, or a text that lsyncd would run. */
  static final String FUNCTION = "a function";

  /**
   * Runs it.
   *
   * @param name for messages
   * @throws IOException if it is no Lua, or needs what it cannot have; the message is for the user
   */
  static Asked run(String name, String text) throws IOException {
    LuaConfig config = new LuaConfig();
    Globals globals = config.globals();
    LuaValue program = compile(globals, name, text);
    try {
      program.call();
      LuaValue assigned = globals.get("settings");
      if (assigned.istable()) {
        config.settings.putAll(map(assigned.checktable()));
      }
    } catch (LuaError e) {
      throw new IOException(
          ("%s: %s. It is run without files, processes, the environment and other Lua files: write"
                  + " in their place what they give.")
              .formatted(name, e.getMessage()),
          e);
    } catch (StackOverflowError e) {
      throw new IOException(name + ": its functions or tables are nested without end.", e);
    }
    return new Asked(config.settings, config.syncs);
  }

  private static LuaValue compile(Globals globals, String name, String text) throws IOException {
    try {
      return globals.load(new StringReader(text), name);
    } catch (LuaError e) {
      // The library tells of the end of the file as of a symbol of that number.
      String said = String.valueOf(e.getMessage()).replaceAll("unexpected symbol 286.*", AT_END);
      throw new IOException(
          "%s is no program in Lua: %s. `lsyncd -nodaemon %s` would not take it either."
              .formatted(name, said, name),
          e);
    }
  }

  private Globals globals() {
    Globals globals = new Globals();
    globals.load(new BaseLib());
    globals.load(new PackageLib());
    globals.load(new TableLib());
    globals.load(new StringLib());
    globals.load(new MathLib());
    globals.load(new Counting());
    LoadState.install(globals);
    LuaC.install(globals);
    OUT_OF_REACH.forEach(name -> globals.set(name, LuaValue.NIL));
    LuaTable layers = new LuaTable();
    LAYERS.forEach(layer -> layers.set(layer, layer(layer)));
    globals.set("default", layers);
    for (String ignored : List.of("print", "log")) {
      globals.set(ignored, new Noting(_ -> {}));
    }
    globals.set("sync", new Noting(this::addSync));
    globals.set("settings", new Noting(arguments -> addAll(settings, arguments)));
    return globals;
  }

  private static LuaTable layer(String name) {
    LuaTable layer = new LuaTable();
    layer.set("layer", name);
    return layer;
  }

  private void addSync(Varargs arguments) {
    Map<String, Object> sync = new LinkedHashMap<>();
    addAll(sync, arguments);
    syncs.add(sync);
  }

  /** What is given in its own right wins over what its layers have. */
  private static void addAll(Map<String, Object> into, Varargs arguments) {
    for (int i = 1; i <= arguments.narg(); i++) {
      LuaTable given = arguments.checktable(i);
      for (int at = 1; at <= given.length(); at++) {
        if (given.get(at).istable()) {
          addAll(into, given.get(at));
        }
      }
      into.putAll(map(given));
    }
  }

  /** What a table has by name, sorted. */
  private static Map<String, Object> map(LuaTable table) {
    Map<String, Object> map = new TreeMap<>();
    for (LuaValue key : table.keys()) {
      if (!key.isnumber()) {
        map.put(key.tojstring(), value(table.get(key)));
      }
    }
    return map;
  }

  private static Object value(LuaValue value) {
    if (value.isfunction()) {
      return FUNCTION;
    }
    if (value.isboolean()) {
      return value.toboolean();
    }
    if (!value.istable()) {
      return value.tojstring();
    }
    LuaTable table = value.checktable();
    if (table.length() == 0) {
      return map(table);
    }
    List<Object> list = new ArrayList<>();
    for (int at = 1; at <= table.length(); at++) {
      list.add(value(table.get(at)));
    }
    return list;
  }

  private interface Noted {
    void note(Varargs arguments);
  }

  private static final class Noting extends VarArgFunction {
    private final Noted noted;

    Noting(Noted noted) {
      this.noted = noted;
    }

    @Override
    public Varargs invoke(Varargs arguments) {
      noted.note(arguments);
      return LuaValue.NONE;
    }
  }

  /** Hears of every instruction. */
  private static final class Counting extends DebugLib {
    private int count;

    @Override
    public void onInstruction(int pc, Varargs values, int top) {
      if (++count > MOST_INSTRUCTIONS) {
        throw new LuaError("it does not come to an end");
      }
      super.onInstruction(pc, values, top);
    }
  }
}
