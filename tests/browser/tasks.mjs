// Ten things that editors do, as they would do them; the guide has how many actions each takes.
// An action is a click, a text typed into a field, a choice in a list, or a line dragged.

/** Name in the guide, what must be there before, what is done, and what shows that it is done. */
export const TASKS = [
  {
    name: "Publish a playlist of books and games",
    from: "/studio/playlists",
    does: async (person) => {
      await person.follow("a.button.main");
      await person.fill("[name=id]", "task");
      await person.fill("[name=title]", "Books and games");
      await person.click("[name=rule_categories][value=LIVRE]");
      await person.click("[name=rule_categories][value=JEU]");
      await person.follow("button[name=then][value=publish]");
    },
    shows: ".badge.published",
  },
  {
    name: "Pin an offer to the top",
    from: "/studio/playlists/task",
    does: async (person) => {
      await person.tries(() => person.click("#look .offer:nth-child(1) button[value^='pin|']"));
      await person.follow("button[name=then][value=save]");
    },
    shows: "#picks .badge.pinned",
  },
  {
    name: "Leave an offer out",
    from: "/studio/playlists/task",
    does: async (person) => {
      await person.tries(() => person.click("#look .offer:nth-child(3) button[value^='exclude|']"));
      await person.follow("button[name=then][value=save]");
    },
    shows: "#picks button[value^='include|']",
  },
  {
    name: "Find an offer by its words and add it",
    from: "/studio/playlists/task",
    does: async (person) => {
      await person.tries(() => person.fill("[name=find]", "concert"));
      await person.tries(() => person.click("#found li button"));
      await person.follow("button[name=then][value=save]");
    },
    shows: "#picks li:nth-child(2) button[value^='up|']",
  },
  {
    name: "Show it in July alone",
    from: "/studio/playlists/task",
    does: async (person) => {
      await person.fill("[name=from]", "2027-07-01T00:00");
      await person.fill("[name=to]", "2027-08-01T00:00");
      await person.follow("button[name=then][value=publish]");
    },
    shows: "[name=from][value='2027-07-01T00:00']",
  },
  {
    name: "Let variety count more",
    from: "/studio/playlists/task",
    does: async (person) => {
      await person.tries(() => person.fill("[name=strength]", "0.5"));
      await person.follow("button[name=then][value=save]");
    },
    shows: "[name=strength][value='0.5']",
  },
  {
    name: "Go back to the first version",
    from: "/studio/playlists/task",
    does: async (person) => {
      await person.follow("a[href$='/versions']");
      await person.click(".steps > li:last-child summary");
      await person.follow(".steps > li:last-child button.danger");
    },
    shows: ".badge.published",
  },
  {
    name: "Put a playlist on a home page and publish it",
    from: "/studio/homes/new",
    does: async (person) => {
      await person.fill("[name=id]", "task-home");
      await person.fill("[name=title]", "Home of the tasks");
      await person.tries(() => person.click("#add-playlist"));
      await person.click(".modules li:last-child summary");
      await person.tries(() => person.select(".modules li:last-child [name=m_playlist]", "task"));
      await person.follow("button[name=then][value=publish]");
    },
    shows: ".badge.published",
  },
  {
    name: "Ask why an offer stands where it does",
    from: "/studio/playlists/task",
    does: (person) => person.follow("#look .offer:nth-child(2) a.small"),
    shows: ".waterfall tbody tr",
  },
  {
    name: "See a list as a curious reader of 16",
    from: "/studio/playlists/task",
    does: async (person) => {
      await person.tries(() => person.select("[name=as_persona]", "curieux"));
      await person.tries(() => person.fill("[name=as_age]", "16"));
    },
    shows: "#look .offer",
  },
];
