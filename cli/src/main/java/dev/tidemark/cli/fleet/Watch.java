package dev.tidemark.cli.fleet;

import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What becomes of commands, as the standbys report it. */
public final class Watch {
  private final Fleet fleet;
  private final Map<String, StandbyCommand> commands = new TreeMap<>();
  private final Map<String, CommandReport> reports = new HashMap<>();

  public Watch(Fleet fleet, List<StandbyCommand> commands) {
    this.fleet = fleet;
    commands.forEach(command -> this.commands.put(command.standby(), command));
  }

  /** Something new of one standby. */
  public record News(StandbyStatus status) {
    public CommandReport report() {
      return status.command();
    }
  }

  /** Reads once what the standbys tell; gives those that tell something new of their command. */
  public List<News> look() throws IOException {
    Map<String, StandbyStatus> statuses = fleet.statuses();
    List<News> news = new ArrayList<>();
    for (StandbyCommand command : commands.values()) {
      StandbyStatus status = statuses.get(command.standby());
      if (status == null || !status.command().id().equals(command.id())) {
        continue;
      }
      if (!status.command().equals(reports.put(command.standby(), status.command()))) {
        news.add(new News(status));
      }
    }
    return news;
  }

  /** Standbys that have not come to an end yet. */
  public List<String> open() {
    return commands.keySet().stream().filter(name -> !isOver(name)).toList();
  }

  private boolean isOver(String name) {
    return state(name) != CommandReport.State.WORKING;
  }

  private CommandReport.State state(String name) {
    CommandReport report = reports.get(name);
    return report == null ? CommandReport.State.WORKING : report.state();
  }

  /** Standbys that could not carry it out. */
  public List<String> failed() {
    return commands.keySet().stream()
        .filter(name -> isOver(name) && state(name) != CommandReport.State.DONE)
        .toList();
  }
}
